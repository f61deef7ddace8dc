/**
 * Screens merchants in process against the signed lists of coalitions.
 *
 * <p>{@link example.interdict.Gateway} opens a state directory, screens, and refreshes the lists.
 * {@link example.interdict.Decision} says what a verdict means at a door. {@link example.interdict.Module} and
 * {@link example.interdict.Instance} are the layer below: one WebAssembly module without imports, compiled when
 * this package was built. Whatever goes wrong is an {@link example.interdict.InterdictException} and never a verdict.
 */
package example.interdict;
