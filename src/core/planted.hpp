#pragma once

namespace doorbuster {

// Mistakes that the simulation (tests/simulation) makes the flash sale commit on purpose, to prove
// that it would find them. In the product `planted` is the constant false, so nothing of them is
// compiled in; the simulation builds the same sources with DOORBUSTER_PLANTED_BUGS and chooses one.
enum class Bug {
    none,
    answers_before_commit,
    answers_mixed_up,
    claim_stays,
    door_without_limit,
    double_release,
    doubt_not_settled,
    doubt_told_as_refusal,
    epoch_not_checked,
    freed_units_not_offered,
    gate_not_reconciled,
    lease_lost_on_refusal,
    lease_stays_in_use,
    limit_not_checked_at_commit,
    offer_stays_open,
    offered_units_not_kept,
    offers_out_of_order,
    old_nonce_still_good,
    retry_not_looked_up,
    retry_unknown_after_restart,
    sold_out_for_ever,
    twins_not_awaited,
    units_not_returned_at_end,
    units_subtracted_twice,
    unknown_commit_taken_as_failure,
    wall_clock_believed,
    window_not_checked_at_commit,
    count,
};

#ifdef DOORBUSTER_PLANTED_BUGS
inline Bug planted_bug = Bug::none;
inline bool planted(Bug bug) { return planted_bug == bug; }
#else
constexpr bool planted(Bug) { return false; }
#endif

}  // namespace doorbuster
