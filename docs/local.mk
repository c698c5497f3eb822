### Documents
dist_man1_MANS += docs/foray.1
dist_man3_MANS += docs/libforay.3
dist_doc_DATA = README.md docs/design.md
