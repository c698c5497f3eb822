### The command: public headers only, and config.h for what was built in
bin_PROGRAMS += foray
foray_SOURCES = \
	tools/account.h \
	tools/beacon.c tools/beacon.h \
	tools/chosen.c tools/chosen.h \
	tools/clock.h \
	tools/cmd_clean.c \
	tools/cmd_completion.c \
	tools/cmd_convert.c \
	tools/cmd_doctor.c \
	tools/cmd_eval.c \
	tools/cmd_hog.c \
	tools/cmd_info.c \
	tools/cmd_knn.c \
	tools/cmd_map.c \
	tools/cmd_matmul.c \
	tools/cmd_resize.c \
	tools/cmd_stats.c \
	tools/cmd_status.c \
	tools/command.h tools/commands.c \
	tools/companion.c tools/companion.h \
	tools/completion.c tools/completion.h \
	tools/completion_bash.c tools/completion_fish.c tools/completion_zsh.c \
	tools/convert_in.c tools/convert_in.h \
	tools/convert_out.c tools/convert_out.h \
	tools/convert_run.c tools/convert_run.h \
	tools/csv_in.c tools/csv_in.h \
	tools/dataset.c tools/dataset.h \
	tools/deaths.c tools/deaths.h \
	tools/door.c tools/door.h \
	tools/eval_run.c tools/eval_run.h \
	tools/hdf5_door.c tools/hdf5_door.h \
	tools/hog_account.c tools/hog_account.h \
	tools/hog_commit.c \
	tools/hog_keep.c tools/hog_keep.h \
	tools/hog_options.c tools/hog_options.h \
	tools/hog_output.c tools/hog_output.h \
	tools/hog_outputs.h \
	tools/hog_provenance.c tools/hog_provenance.h \
	tools/hog_ragged.c tools/hog_ragged.h \
	tools/hog_run.c tools/hog_run.h \
	tools/hog_size.c tools/hog_size.h \
	tools/hog_summary.c \
	tools/hog_update.c tools/hog_update.h \
	tools/hog_update_commit.c \
	tools/html.c tools/html.h \
	tools/image_options.c tools/image_options.h \
	tools/index.c tools/index.h tools/index_name.c \
	tools/index_in.c tools/index_in.h \
	tools/inputs.c tools/inputs.h \
	tools/json_text.c tools/json_text.h \
	tools/linalg_door.c tools/linalg_door.h \
	tools/main.c \
	tools/map_output.c tools/map_run.c tools/map_run.h \
	tools/message.c tools/message.h \
	tools/options.c tools/options.h \
	tools/output.c tools/output.h \
	tools/parallel.c tools/parallel.h \
	tools/picture_task.c tools/picture_task.h \
	tools/pictures.c tools/pictures.h \
	tools/print_python.c tools/print_python.h \
	tools/print_python_hog.c tools/print_python_pixels.c \
	tools/printable.c tools/printable.h \
	tools/progress.c tools/progress.h \
	tools/provenance.c tools/provenance.h \
	tools/provenance_in.c tools/provenance_in.h \
	tools/report.h \
	tools/report_axis.c tools/report_axis.h \
	tools/report_charts.c tools/report_images.c \
	tools/report_page.c tools/report_style.h tools/report_timeline.c \
	tools/resize_names.c tools/resize_names.h \
	tools/resize_records.c tools/resize_records.h \
	tools/resize_run.c tools/resize_run.h \
	tools/resize_task.c tools/resize_task.h \
	tools/resize_times.c tools/resize_times.h \
	tools/slices.c tools/slices.h \
	tools/stack_in.c tools/stack_in.h \
	tools/stop.c tools/stop.h \
	tools/suggest.c tools/suggest.h \
	tools/trace.c tools/trace.h \
	tools/update_about.c tools/update_about.h \
	tools/update_apply.c tools/update_apply.h \
	tools/update_match.c tools/update_match.h \
	tools/update_record.c tools/update_record.h \
	tools/values.c tools/values.h \
	tools/worth.c tools/worth.h
foray_CPPFLAGS = -D_GNU_SOURCE -I$(top_srcdir)/include
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
EXTRA_DIST += tools/foray.py
if HAVE_PYTHON
python_DATA = tools/foray.py
endif
