ENGINE_FILES = \
	lib/engine/alarm.c lib/engine/alarm.h \
	lib/engine/ambient.c lib/engine/ambient.h \
	lib/engine/attachments.c lib/engine/attachments.h \
	lib/engine/backend.c lib/engine/backend.h \
	lib/engine/birth.c lib/engine/birth.h \
	lib/engine/blank.c lib/engine/blank.h \
	lib/engine/budget.c lib/engine/budget.h \
	lib/engine/bytes.c lib/engine/bytes.h \
	lib/engine/call_batch.c lib/engine/call_batch.h \
	lib/engine/call_packet.c lib/engine/call_packet.h \
	lib/engine/call_task.c \
	lib/engine/capture.c lib/engine/capture.h \
	lib/engine/capture_text.h lib/engine/capture_worker.c \
	lib/engine/channel.c lib/engine/channel.h \
	lib/engine/checks.c lib/engine/checks.h \
	lib/engine/child.c lib/engine/child.h \
	lib/engine/claim_word.h \
	lib/engine/claims.c lib/engine/claims.h \
	lib/engine/claims_bury.c lib/engine/claims_left.c \
	lib/engine/config.c lib/engine/config.h \
	lib/engine/config_check.c \
	lib/engine/config_environment.c \
	lib/engine/course.c lib/engine/course.h \
	lib/engine/crew.c lib/engine/crew.h lib/engine/crew_memory.c \
	lib/engine/crew_threads.c lib/engine/crew_threads.h \
	lib/engine/deadline.c lib/engine/deadline.h \
	lib/engine/death.c lib/engine/death.h \
	lib/engine/descriptor.c lib/engine/descriptor.h \
	lib/engine/dispatch.c lib/engine/dispatch.h \
	lib/engine/external.c lib/engine/external.h \
	lib/engine/fault.c lib/engine/fault.h \
	lib/engine/flow.c lib/engine/flow.h \
	lib/engine/fork.c \
	lib/engine/freight.c lib/engine/freight.h \
	lib/engine/function.c lib/engine/function.h \
	lib/engine/future.c lib/engine/futures.h \
	lib/engine/grid.c lib/engine/grid.h \
	lib/engine/guard.c lib/engine/guard.h \
	lib/engine/heap.c lib/engine/heap.h \
	lib/engine/holdings.c lib/engine/holdings.h \
	lib/engine/here.c lib/engine/here.h \
	lib/engine/hygiene.c lib/engine/hygiene.h \
	lib/engine/inbox.c lib/engine/inbox.h \
	lib/engine/inherited.c lib/engine/inherited.h \
	lib/engine/iterate.c \
	lib/engine/level.c lib/engine/level.h \
	lib/engine/life.c lib/engine/life.h \
	lib/engine/life_plan.c \
	lib/engine/lifeline.c lib/engine/lifeline.h \
	lib/engine/lock.c lib/engine/lock.h \
	lib/engine/lodger.c lib/engine/lodger.h \
	lib/engine/longest.c lib/engine/longest.h \
	lib/engine/mailbag.c lib/engine/mailbag.h \
	lib/engine/modules.c lib/engine/modules.h \
	lib/engine/nesting.c lib/engine/nesting.h \
	lib/engine/nursery.c lib/engine/nursery.h \
	lib/engine/number.c lib/engine/number.h \
	lib/engine/only_task.c lib/engine/only_task.h \
	lib/engine/oom.c lib/engine/oom.h \
	lib/engine/order.c lib/engine/order.h \
	lib/engine/overdue.c lib/engine/overdue.h \
	lib/engine/packet.c lib/engine/packet.h \
	lib/engine/packet_check.c lib/engine/packet_check.h \
	lib/engine/packet_write.c lib/engine/packet_write.h \
	lib/engine/pair.c lib/engine/pair.h \
	lib/engine/parallel.c \
	lib/engine/parcel.c lib/engine/parcel.h \
	lib/engine/parcel_calls.c lib/engine/parcel_tasks.c \
	lib/engine/pool_once.c lib/engine/pool_once.h \
	lib/engine/pidfd.c lib/engine/pidfd.h \
	lib/engine/pool.c lib/engine/pool_body.h \
	lib/engine/portion.c lib/engine/portion.h \
	lib/engine/post.c lib/engine/post.h \
	lib/engine/purse.c lib/engine/purse.h \
	lib/engine/received.c lib/engine/received.h \
	lib/engine/records.c lib/engine/records.h \
	lib/engine/registry.c lib/engine/registry.h \
	lib/engine/resident.c lib/engine/resident.h \
	lib/engine/result.c lib/engine/result_body.h \
	lib/engine/run.c lib/engine/run.h \
	lib/engine/run_external.c lib/engine/run_external.h \
	lib/engine/serial.c lib/engine/serial.h \
	lib/engine/settings.c \
	lib/engine/share.c lib/engine/share.h \
	lib/engine/shared.h \
	lib/engine/spawn.c \
	lib/engine/stream.c lib/engine/stream.h \
	lib/engine/stream_batch.c \
	lib/engine/stream_external.c lib/engine/stream_external.h \
	lib/engine/stream_handed.c lib/engine/stream_handed.h \
	lib/engine/stream_outcome.c \
	lib/engine/stream_serial.c lib/engine/stream_serial.h \
	lib/engine/stream_wait.c \
	lib/engine/stall.c lib/engine/stall.h \
	lib/engine/stray.c lib/engine/stray.h \
	lib/engine/struck.c lib/engine/struck.h \
	lib/engine/supervise.c lib/engine/supervise.h \
	lib/engine/task.c lib/engine/task_body.h \
	lib/engine/threads.c \
	lib/engine/thrown.c lib/engine/thrown.h \
	lib/engine/trace.c lib/engine/trace.h \
	lib/engine/value.c \
	lib/engine/verbose.c \
	lib/engine/wait.c lib/engine/wait.h \
	lib/engine/watch.c lib/engine/watch.h lib/engine/watch_dead.c \
	lib/engine/worker.c lib/engine/worker.h \
	lib/engine/worker_process.c \
	lib/engine/worker_report.c lib/engine/worker_report.h \
	lib/engine/worker_thread.c lib/engine/worker_thread.h \
	lib/engine/zygote.c lib/engine/zygote.h
