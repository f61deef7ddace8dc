/** How much memory is in use. */
final class Memory {
    private Memory() {}

    /** Bytes of heap that are reachable. */
    static long used() {
        for (int collection = 0; collection < 3; collection++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
