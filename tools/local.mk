### The command: public headers only, and config.h for what was built in
bin_PROGRAMS += foray
foray_SOURCES = \
	tools/cmd_clean.c tools/cmd_completion.c tools/cmd_convert.c \
	tools/cmd_doctor.c tools/cmd_eval.c tools/cmd_hog.c tools/cmd_info.c \
	tools/cmd_knn.c tools/cmd_map.c tools/cmd_matmul.c tools/cmd_resize.c \
	tools/cmd_stats.c tools/cmd_status.c tools/commands.c tools/main.c \
	tools/shell/beacon.c tools/shell/beacon.h tools/shell/clock.h \
	tools/shell/command.h \
	tools/shell/completion.c tools/shell/completion.h \
	tools/shell/completion_bash.c tools/shell/completion_fish.c \
	tools/shell/completion_zsh.c tools/shell/deaths.c tools/shell/deaths.h \
	tools/shell/digits.h \
	tools/shell/json_text.c tools/shell/json_text.h \
	tools/shell/message.c tools/shell/message.h \
	tools/shell/options.c tools/shell/options.h \
	tools/shell/parallel.c tools/shell/parallel.h \
	tools/shell/printable.c tools/shell/printable.h \
	tools/shell/progress.c tools/shell/progress.h \
	tools/shell/stop.c tools/shell/stop.h \
	tools/shell/streams.c tools/shell/streams.h \
	tools/shell/suggest.c tools/shell/suggest.h \
	tools/shell/values.c tools/shell/values.h \
	tools/data/beside.c tools/data/beside.h \
	tools/data/companion.c tools/data/companion.h \
	tools/data/dataset.c tools/data/dataset.h \
	tools/data/door.c tools/data/door.h \
	tools/data/hdf5_door.c tools/data/hdf5_door.h \
	tools/data/linalg_door.c tools/data/linalg_door.h \
	tools/data/output.c tools/data/output.h \
	tools/data/slices.c tools/data/slices.h \
	tools/images/account.h tools/images/chosen.c tools/images/chosen.h \
	tools/images/index.c tools/images/index.h \
	tools/images/index_in.c tools/images/index_in.h \
	tools/images/index_name.c tools/images/inputs.c tools/images/inputs.h \
	tools/images/options.c tools/images/options.h \
	tools/images/provenance.c tools/images/provenance.h \
	tools/images/provenance_attributes.c tools/images/provenance_in.c tools/images/provenance_in.h \
	tools/images/worth.c tools/images/worth.h \
	tools/convert/copy.c tools/convert/copy.h \
	tools/images/written.c tools/images/written.h \
	tools/convert/csv.c tools/convert/csv.h \
	tools/convert/input.c tools/convert/input.h \
	tools/convert/output.c tools/convert/output.h \
	tools/convert/parts.c tools/convert/parts.h \
	tools/convert/parts_about.c tools/convert/parts_about.h \
	tools/convert/parts_join.c tools/convert/parts_join.h \
	tools/convert/parts_places.c tools/convert/parts_places.h \
	tools/convert/run.c tools/convert/run.h \
	tools/convert/stack.c tools/convert/stack.h \
	tools/kernels/eval_run.c tools/kernels/eval_run.h \
	tools/kernels/map_output.c \
	tools/kernels/map_run.c tools/kernels/map_run.h \
	tools/report/axis.c tools/report/axis.h tools/report/histograms.c \
	tools/report/html.c tools/report/html.h tools/report/images.c \
	tools/report/page.c tools/report/page.h \
	tools/report/picture_task.c tools/report/picture_task.h \
	tools/report/pictures.c tools/report/pictures.h tools/report/style.h \
	tools/report/throughput.c tools/report/timeline.c \
	tools/report/trace.c tools/report/trace.h \
	tools/resize/names.c tools/resize/names.h \
	tools/resize/records.c tools/resize/records.h \
	tools/resize/run.c tools/resize/run.h \
	tools/resize/task.c tools/resize/task.h \
	tools/resize/times.c tools/resize/times.h \
	tools/hog/account.c tools/hog/account.h \
	tools/hog/check.c tools/hog/check.h tools/hog/commit.c \
	tools/hog/keep.c tools/hog/keep.h \
	tools/hog/options.c tools/hog/options.h \
	tools/hog/output.c tools/hog/output.h tools/hog/outputs.h \
	tools/hog/provenance.c tools/hog/provenance.h \
	tools/hog/ragged.c tools/hog/ragged.h tools/hog/run.c tools/hog/run.h \
	tools/hog/size.c tools/hog/size.h tools/hog/summary.c \
	tools/hog/update.c tools/hog/update.h \
	tools/hog/update_about.c tools/hog/update_about.h \
	tools/hog/update_apply.c tools/hog/update_apply.h \
	tools/hog/update_commit.c \
	tools/hog/update_hdf5.c tools/hog/update_hdf5.h \
	tools/hog/update_hdf5_build.c \
	tools/hog/update_match.c tools/hog/update_match.h \
	tools/hog/update_ragged.c tools/hog/update_ragged.h \
	tools/hog/update_record.c tools/hog/update_record.h \
	tools/python/print_python.c tools/python/print_python.h \
	tools/python/print_python_hog.c tools/python/print_python_pixels.c
foray_CPPFLAGS = -D_GNU_SOURCE -I$(top_srcdir)/include -I$(top_srcdir)/tools
foray_LDADD = libforay-image.la libforay.la
if STATIC
# Kernels find in the command what they call of libforay: all that it exports.
foray_LDFLAGS = $(AM_LDFLAGS) -export-dynamic \
	-Wl,--whole-archive,.libs/libforay.a,--no-whole-archive
if WITH_OPENBLAS
foray_LDADD += libforay-linalg.la
endif
if WITH_HDF5
foray_LDADD += libforay-hdf5.la
endif
endif

# The door for Python: one file, which runs the command.
EXTRA_DIST += tools/python/foray.py
if HAVE_PYTHON
python_DATA = tools/python/foray.py
endif
