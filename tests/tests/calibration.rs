//! Predicted probabilities come true as often as predicted, if the policy's estimates are right.

use interdict_tests::calibration::{Form, Rates, Simulation, TRUTH};

/// With fewer merchants in a bin, three standard errors prove nothing.
const ENOUGH: u32 = 50;

#[test]
fn what_is_predicted_comes_true_within_three_standard_errors_in_every_bin() {
    for form in [Form::Records, Form::Filter] {
        let mut simulation = Simulation::new(form, 40_000, 6);
        let mut judged = 0;
        for bin in simulation.bins(TRUTH) {
            if bin.merchants >= ENOUGH {
                judged += 1;
                assert!(bin.off().abs() < 3.0, "{form:?}: {bin:?}");
            }
        }
        assert!(judged >= 3, "{judged} bins");
        // The test can fail: a wrong prevalence is noticed.
        let wrong = Rates {
            prevalence_per_million: 30_000,
            ..TRUTH
        };
        let bins = simulation.bins(wrong);
        assert!(
            bins.iter()
                .any(|bin| bin.merchants >= ENOUGH && bin.off().abs() > 3.0)
        );
    }
}
