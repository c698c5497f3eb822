/* The futures of a pool, as the pool knows them. */
#ifndef FORAY_ENGINE_FUTURES_H
#define FORAY_ENGINE_FUTURES_H

struct foray__futures;

#endif
