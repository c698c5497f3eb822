#include <foray/error.h>

const char *foray_error_name(int code)
{
    switch (code) {
#define ERROR_NAME(name, value, meaning)                                       \
    case FORAY_##name:                                                         \
        return "FORAY_" #name;
        FORAY_ERROR_MAP(ERROR_NAME)
#undef ERROR_NAME
    default:
        return "FORAY_E?";
    }
}

const char *foray_error_meaning(int code)
{
    switch (code) {
#define ERROR_MEANING(name, value, meaning)                                    \
    case FORAY_##name:                                                         \
        return meaning;
        FORAY_ERROR_MAP(ERROR_MEANING)
#undef ERROR_MEANING
    default:
        return "unknown error";
    }
}
