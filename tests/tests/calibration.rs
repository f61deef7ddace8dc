//! Predicted probabilities come true as often as predicted, if the policy's prior is right.

use interdict_tests::calibration::{RIGHT_PRIOR, Simulation};

/// With fewer merchants in a bin, three standard errors prove nothing.
const ENOUGH: u32 = 50;

#[test]
fn what_is_predicted_comes_true_within_three_standard_errors_in_every_bin() {
    let mut simulation = Simulation::new(40_000, 6);
    let mut judged = 0;
    for bin in simulation.bins(RIGHT_PRIOR) {
        if bin.merchants >= ENOUGH {
            judged += 1;
            assert!(bin.off().abs() < 3.0, "{bin:?}");
        }
    }
    assert!(judged >= 3, "{judged} bins");
    // The test can fail: a wrong prior is noticed.
    let bins = simulation.bins(3 * RIGHT_PRIOR);
    assert!(
        bins.iter()
            .any(|bin| bin.merchants >= ENOUGH && bin.off().abs() > 3.0)
    );
}
