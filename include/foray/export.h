/* What every public header needs: visibility, checked results, C linkage. */
#ifndef FORAY_EXPORT_H
#define FORAY_EXPORT_H

#ifdef __cplusplus
#define FORAY_BEGIN extern "C" {
#define FORAY_END }
#else
#define FORAY_BEGIN
#define FORAY_END
#endif

#if defined(__GNUC__)
#define FORAY_API __attribute__((visibility("default")))
/* A code that is not looked at is a bug in the caller: the compiler says so. */
#define FORAY_CHECK __attribute__((warn_unused_result))
#define FORAY_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define FORAY_API
#define FORAY_CHECK
#define FORAY_PRINTF(fmt, first)
#endif

#endif
