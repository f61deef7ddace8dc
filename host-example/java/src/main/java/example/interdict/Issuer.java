package example.interdict;

import java.util.Locale;
import java.util.Map;

/** Whose authorisation event it is. */
public enum Issuer {
    /** Stripe Issuing, {@code issuing_authorization.request}. */
    STRIPE_ISSUING(new Members.Plan(
            Map.of("type", "type"),
            Map.of("data", within("object", new Members.Plan(
                    Map.of(),
                    Map.of(
                            "network_data", Members.Plan.of(Map.of("acquiring_institution_id", "acquirer")),
                            "merchant_data", Members.Plan.of(Map.of(
                                    "network_id", "acceptor",
                                    "name", "name",
                                    "category_code", "category",
                                    "url", "url")))))))),
    /** Adyen, {@code balancePlatform.authorisation.relayed}. */
    ADYEN_RELAYED(new Members.Plan(
            Map.of("type", "type"),
            Map.of("merchantData", new Members.Plan(
                    Map.of("acquirerId", "acquirer", "merchantId", "acceptor", "mcc", "category"),
                    Map.of("nameLocation", Members.Plan.of(Map.of("name", "name"))))))),
    /** Lithic, Auth Stream Access. */
    LITHIC_ASA(within("merchant", Members.Plan.of(Map.of(
            "acquiring_institution_id", "acquirer",
            "acceptor_id", "acceptor",
            "descriptor", "name",
            "mcc", "category")))),
    /** Marqeta, Gateway JIT Funding. */
    MARQETA_JIT(new Members.Plan(
            Map.of(),
            Map.of(
                    "acquirer", Members.Plan.of(Map.of("institution_id_code", "acquirer")),
                    "card_acceptor", Members.Plan.of(Map.of(
                            "mid", "acceptor",
                            "name", "name",
                            "mcc", "category",
                            "url", "url")))));

    /** The members that are read ({@code fixtures/README.md} of the repository). */
    private final Members.Plan plan;

    Issuer(Members.Plan plan) {
        this.plan = plan;
    }

    /**
     * The word that all languages share.
     *
     * @return such as {@code stripe-issuing}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Members.Plan plan() {
        return plan;
    }

    /** Whether an event is one that asks, by the type that it was sent with. */
    boolean isRequest(Map<String, String> sent) {
        String type = sent.get("type");
        return switch (this) {
            case STRIPE_ISSUING -> "issuing_authorization.request".equals(type);
            // Older versions of this webhook name no type.
            case ADYEN_RELAYED -> !sent.containsKey("type") || "balancePlatform.authorisation.relayed".equals(type);
            case LITHIC_ASA, MARQETA_JIT -> true;
        };
    }

    private static Members.Plan within(String name, Members.Plan plan) {
        return new Members.Plan(Map.of(), Map.of(name, plan));
    }
}
