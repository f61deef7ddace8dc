package example.interdict;

/** Gets every receipt, to keep it where nobody changes it. */
@FunctionalInterface
public interface ReceiptListener {
    /**
     * A verdict or a refusal has a receipt. What this throws is thrown by the call that screened; the gateway works on.
     *
     * @param receipt the receipt's JSON, byte for byte as it was signed
     * @param answer the verdict or the refusal that it is about
     */
    void receipt(String receipt, Answer answer);
}
