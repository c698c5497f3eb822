/* Values of options: each function is an option_read_fn. */
#ifndef FORAY_TOOLS_SHELL_VALUES_H
#define FORAY_TOOLS_SHELL_VALUES_H

const char *value_flag(void *field, const char *text);   /* bool: true */
const char *value_text(void *field, const char *text);   /* const char * */
const char *value_count(void *field, const char *text);  /* int, 1 or more */
const char *value_jobs(void *field, const char *text);   /* int, as n_jobs */
const char *value_size(void *field, const char *text);   /* uint64_t: 1.5K */
const char *value_extent(void *field, const char *text); /* size_t[2]: RxC */
const char *value_floats(void *field, const char *text); /* enum foray_dtype */
const char *value_method(void *field, const char *text);
const char *value_color(void *field, const char *text);
const char *value_filter(void *field, const char *text);
const char *value_fit(void *field, const char *text);
const char *value_jpeg_scale(void *field, const char *text);
const char *value_on_error(void *field, const char *text);
const char *value_backend(void *field, const char *text); /* const char * */
const char *value_seconds(void *field, const char *text); /* double, above 0 */
const char *value_retries(void *field, const char *text); /* int, as retries */
const char *value_nice(void *field, const char *text);    /* int, 0 to 19 */

/* One of `words`, NULL at the end: its index, or -1. */
int value_word(const char *text, const char *const *words);

#endif
