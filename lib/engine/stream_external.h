/* Streams of registered backends: calls travel as parcels. */
#ifndef FORAY_ENGINE_STREAM_EXTERNAL_H
#define FORAY_ENGINE_STREAM_EXTERNAL_H

#include "engine/stream.h"

extern const struct foray__carrier foray__external_carrier;

#endif
