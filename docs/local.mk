### Documents
dist_man1_MANS += docs/foray.1
dist_man3_MANS += docs/libforay.3
dist_doc_DATA = README.md LICENSE CHANGELOG.md SECURITY.md docs/datasets.md docs/design.md docs/from-joblib.md \
	docs/from-openmp.md docs/joblib-parity.md docs/performance.md docs/photographs.md \
	docs/reliability.md docs/slurm.md docs/soak.txt

# Programs to read, and what they print: compiled and run by
# tests/docs/examples.sh.
examplesdir = $(docdir)/examples
dist_examples_DATA = \
	docs/examples/generator.c docs/examples/generator.out \
	docs/examples/globals.c docs/examples/globals.out \
	docs/examples/hog.c docs/examples/hog.out \
	docs/examples/modf.c docs/examples/modf.out \
	docs/examples/nested.c docs/examples/nested.out \
	docs/examples/random.c docs/examples/random.out \
	docs/examples/reduce.c docs/examples/reduce.out \
	docs/examples/reuse.c docs/examples/reuse.out \
	docs/examples/sqrt.c docs/examples/sqrt.out \
	docs/examples/stencil.c docs/examples/stencil.out \
	docs/examples/windows.c docs/examples/windows.out
