// Package interdict screens merchants against the signed blocklists of coalitions, in this process. One
// WebAssembly module without imports decides everything; it is packed with the package, and this package only
// carries its messages, keeps its files and fetches its lists. docs/abi.md and docs/store.md of the repository
// are the contract.
//
//	gateway, err := interdict.Open(ctx, "state", interdict.Options{Policy: policy, Enrolments: enrolments})
//	verdict, err := gateway.Screen(interdict.Request{Flow: interdict.Onboarding, URL: address}.JSON())
//
// A [Gateway] is a pool of instances with the lists of a state directory; any number of goroutines screen with
// it. [Gateway.Refresh] and [Gateway.StartRefreshing] bring newer lists and save them; another process may do that
// instead, with [Gateway.ReloadIfChanged] here. [Decide] says what a door does with a verdict. [Module] and
// [Instance] are what a gateway is made of, for programs that bring their own.
//
// [ReadIssuerEvent] reads what an issuer's authorisation event says about the merchant.
//
// An error is never a verdict: whoever gets one has not screened. [KindOf] gives its word, the same one in the
// hosts of all languages; [errors.Is] knows one value for each, such as [ErrTrapped], and [errors.As] a
// [*RefusedError] for a request that the module refused.
//
// Methods that need the time take it from [Options].Clock, unless a time is given as the last argument.
package interdict
