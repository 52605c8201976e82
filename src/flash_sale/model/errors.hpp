#pragma once

#include "core/error.hpp"

namespace doorbuster::flash_sale {

// ---- what a shopper may meet
// ---------------------------------------------------------------------

inline constexpr ErrorKind kItemNotFound{
    6001, "promotion_item_not_found", Condition::not_found, "There is no such promotion item."};
inline constexpr ErrorKind kNotOpen{
    6002, "not_open", Condition::forbidden, "The sale has not begun."};
inline constexpr ErrorKind kEnded{6003, "sale_ended", Condition::gone, "The sale is over."};
inline constexpr ErrorKind kPaused{
    6004, "sale_paused", Condition::conflict, "The sale is paused. It may go on shortly."};
inline constexpr ErrorKind kStopped{
    6005, "sales_stopped", Condition::unavailable, "All flash sales are stopped for now."};
inline constexpr ErrorKind kSoldOut{
    6006, "sold_out", Condition::conflict, "All units are sold or held by other buyers."};
inline constexpr ErrorKind kLimitReached{
    6007, "limit_reached", Condition::conflict, "You have reached the limit of this sale."};
inline constexpr ErrorKind kTooManyAtOnce{
    6008,
    "quantity_above_limit",
    Condition::unprocessable,
    "An order of this sale holds fewer units."};
inline constexpr ErrorKind kDoorFull{
    6009,
    "door_full",
    Condition::conflict,
    "Enough buyers are inside for what is left. Try again."};
inline constexpr ErrorKind kTokenInvalid{
    6010, "token_invalid", Condition::forbidden, "The token is not one of ours for this purchase."};
inline constexpr ErrorKind kTokenExpired{
    6011, "token_expired", Condition::forbidden, "The token is no longer valid. Get a new one."};
inline constexpr ErrorKind kTokenUsed{
    6012, "token_used", Condition::conflict, "The token was used or given back. Get a new one."};
inline constexpr ErrorKind kCaptchaWrong{
    6013, "captcha_wrong", Condition::unprocessable, "The answer is wrong."};
inline constexpr ErrorKind kCaptchaGone{
    6014, "captcha_gone", Condition::gone, "The captcha is used up or too old. Get a new one."};
inline constexpr ErrorKind kBusy{
    6015, "sale_busy", Condition::unavailable, "Too many orders are waiting. Try again shortly."};

// ---- the waitlist
// --------------------------------------------------------------------------------

inline constexpr ErrorKind kNotWaiting{
    6020, "not_on_waitlist", Condition::not_found, "You are not on the waitlist of this item."};
inline constexpr ErrorKind kWaitlistFull{
    6021, "waitlist_full", Condition::conflict, "The waitlist is full."};
inline constexpr ErrorKind kNotSoldOut{
    6022, "not_sold_out", Condition::conflict, "There are units left: order one."};
inline constexpr ErrorKind kNoOffer{
    6023, "no_offer", Condition::conflict, "No unit is offered to you at this moment."};

// ---- staff
// ---------------------------------------------------------------------------------------

inline constexpr ErrorKind kPromotionNotFound{
    6040, "promotion_not_found", Condition::not_found, "There is no such promotion."};
inline constexpr ErrorKind kNotDraft{
    6041, "promotion_not_draft", Condition::conflict, "A published promotion cannot be edited."};
inline constexpr ErrorKind kNotPublished{
    6042, "promotion_not_published", Condition::conflict, "The promotion is not published."};
inline constexpr ErrorKind kPromotionEnded{
    6043, "promotion_ended", Condition::conflict, "The promotion has ended."};
// Each detail names one SKU and the promotion in its way.
inline constexpr ErrorKind kOverlaps{
    6044, "promotion_overlaps", Condition::conflict, "Another promotion sells a SKU at that time."};
inline constexpr ErrorKind kWindowOver{
    6045, "promotion_window_over", Condition::unprocessable, "The end must lie in the future."};
inline constexpr ErrorKind kNoItems{
    6046, "promotion_without_items", Condition::conflict, "A promotion needs at least one item."};
inline constexpr ErrorKind kPromotionChanged{
    6047,
    "promotion_changed",
    Condition::conflict,
    "Someone else changed this promotion meanwhile. Load it again."};
inline constexpr ErrorKind kTooManyPublished{
    6048,
    "too_many_promotions",
    Condition::conflict,
    "As many promotions are published as there may be. End one first."};
inline constexpr ErrorKind kTooManyUnits{
    6049,
    "too_many_units",
    Condition::unprocessable,
    "That is more units than a promotion item may have."};

}  // namespace doorbuster::flash_sale
