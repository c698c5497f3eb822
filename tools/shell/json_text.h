/* JSON as text: values are found in it and shown, not understood. */
#ifndef FORAY_TOOLS_SHELL_JSON_TEXT_H
#define FORAY_TOOLS_SHELL_JSON_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/* Behind the value that a text begins with; NULL: it begins with none. */
const char *json_behind(const char *text);

/* Whether a whole text is one object. */
bool json_is_object(const char *text);

/* The value of a member of an object that json_is_object; NULL: there is
 * none. */
const char *json_member(const char *object, const char *name);

/* The bytes of a string of an object that json_is_object, malloc'ed: what
 * message_json wrote. NULL: no memory. */
char *json_string(const char *text);

/* Write the value that a text begins with on one line. */
void json_print(FILE *file, const char *text);

#endif
