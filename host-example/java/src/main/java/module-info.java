/** Screens merchants in process against the signed lists of coalitions. Start with {@link example.interdict.Gateway}. */
module example.interdict {
    requires com.dylibso.chicory.runtime;
    requires com.dylibso.chicory.wasm;
    requires static com.dylibso.chicory.compiler;
    requires java.net.http;
    requires org.json;

    exports example.interdict;
}
