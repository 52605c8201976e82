#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "ports/sql.hpp"

namespace doorbuster::payments {

// What the order side asks of the payment side, and all it may ask: in one process a call, between
// systems HTTPS with an app key. Answers about money come by events only (events.hpp).
struct PaymentOrder {
    std::string reference;  // unique within the app: the order number
    std::string owner;      // who may look at the payment: the user id
    Money amount;
    std::string description;  // shown to the payer
    Time expires_at;
};

struct PaymentView {
    std::string id;
    std::string reference;
    std::string provider;
    std::string status;  // created, pending, closing, closed, failed, paid
    Money amount;
    std::string code_url;
    std::string qr_svg;
    // Where buyers pay in a page of the provider: the address of ours that leads there, and the
    // provider's own, signed when the attempt was asked for.
    std::string pay_page;
    std::string redirect_url;
    std::string form_html;  // the same as a form that sends itself
    std::optional<Time> paid_at;
    Time expires_at;
    bool late = false;
    bool duplicate = false;
    bool refund_due = false;
};

class Checkout {
public:
    virtual ~Checkout() = default;

    // Starts an attempt, or returns the one that is already open with this provider. An attempt
    // with another provider is closed first. Errors: kUnknownProvider, kPaymentTooLate (less than a
    // minute is left, or the reference was given up), kAlreadyPaid, kNothingToPay,
    // kProviderUnavailable (the attempt may stand; asking again goes on with it).
    virtual Task<Result<PaymentView>> pay(
        const PaymentOrder& order, const std::string& provider
    ) = 0;

    // The order is given up: close every open attempt at its provider. Answered later by exactly
    // one event for the reference: payment.closed (nothing was paid and nothing can be any more) or
    // payment.succeeded. A reference that never had an attempt, or only finished ones, is answered
    // with payment.closed in this same transaction. Runs in the caller's transaction, so that the
    // request is not lost. Asking twice is harmless. No attempt can begin afterwards.
    virtual void close(sql::Transaction& tx, const std::string& reference) = 0;

    // Whether the reference has been answered with payment.closed. Asked right after `close`, in
    // the same transaction: true when no attempt was open, so that the caller need not wait for the
    // event (which is told all the same).
    virtual bool is_closed(sql::Reader& reader, const std::string& reference) = 0;

    // Keeps a payment that was told by payment.refund_due as `late`, if the caller can still
    // deliver: `deliver` is asked once, while the payment is still offered and nobody else can
    // change it. False, and nothing is changed: it said no, or was not asked because the money goes
    // back already. What is not kept is to be declined (refunds/refund_desk.hpp), else it goes back
    // by itself a little later. Asking twice is harmless.
    virtual bool keep_late(
        sql::Transaction& tx, const std::string& payment, const std::function<bool()>& deliver
    ) = 0;
};

}  // namespace doorbuster::payments
