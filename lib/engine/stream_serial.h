/* Streams of the serial backend: calls run in the caller, when it waits. */
#ifndef FORAY_ENGINE_STREAM_SERIAL_H
#define FORAY_ENGINE_STREAM_SERIAL_H

#include "engine/stream.h"

extern const struct foray__carrier foray__serial_carrier;

#endif
