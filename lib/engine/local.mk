ENGINE_FILES = \
	lib/engine/alarm.c lib/engine/alarm.h \
	lib/engine/attachments.c lib/engine/attachments.h \
	lib/engine/backend.c lib/engine/backend.h \
	lib/engine/birth.c lib/engine/birth.h \
	lib/engine/blank.c lib/engine/blank.h \
	lib/engine/channel.c lib/engine/channel.h \
	lib/engine/child.c lib/engine/child.h \
	lib/engine/claims.c lib/engine/claims.h \
	lib/engine/config.c lib/engine/config.h \
	lib/engine/config_check.c \
	lib/engine/config_environment.c \
	lib/engine/crew.c lib/engine/crew.h \
	lib/engine/death.c lib/engine/death.h \
	lib/engine/descriptor.c lib/engine/descriptor.h \
	lib/engine/failures.c lib/engine/failures.h \
	lib/engine/fault.c lib/engine/fault.h \
	lib/engine/fork.c \
	lib/engine/function.c lib/engine/function.h \
	lib/engine/hygiene.c lib/engine/hygiene.h \
	lib/engine/lifeline.c lib/engine/lifeline.h \
	lib/engine/modules.c lib/engine/modules.h \
	lib/engine/nursery.c lib/engine/nursery.h \
	lib/engine/order.c lib/engine/order.h \
	lib/engine/pidfd.c lib/engine/pidfd.h \
	lib/engine/pool.c lib/engine/pool_body.h \
	lib/engine/post.c lib/engine/post.h \
	lib/engine/registry.c lib/engine/registry.h \
	lib/engine/run.c lib/engine/run.h \
	lib/engine/serial.c \
	lib/engine/settings.c \
	lib/engine/shared.h \
	lib/engine/spawn.c \
	lib/engine/supervise.c lib/engine/supervise.h \
	lib/engine/task.c lib/engine/task_body.h \
	lib/engine/verbose.c \
	lib/engine/wait.c lib/engine/wait.h \
	lib/engine/worker.c lib/engine/worker.h \
	lib/engine/zygote.c lib/engine/zygote.h
