/* An end for calls of the HDF5 library that would have none: on some damaged
 * files it goes in circles. Only for workers. */
#ifndef FORAY_HDF5_GUARD_H
#define FORAY_HDF5_GUARD_H

/* This process calls workers, and is never killed. */
void foray__h5_guard_spare(void);

/* Seconds of CPU from now on, until which foray__h5_guard_end must be called:
 * or else SIGXCPU ends the worker. A guard that is there is replaced. */
void foray__h5_guard_begin(double seconds);
void foray__h5_guard_end(void);

#endif
