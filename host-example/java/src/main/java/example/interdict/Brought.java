package example.interdict;

/**
 * What came of asking for a file.
 *
 * @param outcome a word of {@code supply}
 * @param bytes the file, if the outcome is {@code bytes}
 * @param why why there is none, if the outcome is {@code failed}
 */
record Brought(String outcome, byte[] bytes, String why) {
    static final Brought NOT_FOUND = new Brought("not_found", null, null);
    static final Brought TOO_LARGE = failed("the file is larger than it can be");

    static Brought file(byte[] bytes) {
        return new Brought("bytes", bytes, null);
    }

    static Brought failed(String why) {
        return new Brought("failed", null, why);
    }

    boolean isFile() {
        return bytes != null;
    }
}
