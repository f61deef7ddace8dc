/** Bytes of an enrolment file (docs/format.md). */
export const MAX_ENROLMENT = 2 << 20;
/** Bytes of `metadata/bundle.json` (docs/format.md). */
export const MAX_BUNDLE = 1 << 20;
/** Files of one walk: 256 roots, three more of metadata, and the parts of a coalition's lists. */
export const MAX_FILES = 4096;
/** Milliseconds until an answer begins, and until a file is whole. */
export const PATIENCE = Object.freeze({ answer: 10_000, file: 60_000 });
/** Milliseconds before the one repetition of a request that failed. */
export const PAUSE = 300;
