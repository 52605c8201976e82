#include "payments/errors.hpp"
#include "payments/payment_service.hpp"
#include "payments/refundable.hpp"

// What other order systems ask for; each meets its own references only.
namespace doorbuster::payments {

PaymentView PaymentService::view_for_app(const Payment& payment) const {
    PaymentView view = view_of(payment, clock_.now());
    add_page(view, payment);
    view.pay_page.clear();
    return view;
}

Task<Result<PaymentView>> PaymentService::pay_for(
    std::string app, const PaymentOrder& order, const std::string& provider
) {
    Task<Result<PaymentView>> paying = begin(std::move(app), order, provider, true);
    auto view = co_await std::move(paying);
    if (view.has_value()) view->pay_page.clear();
    co_return view;
}

PaymentService::Standing PaymentService::close_for(
    sql::Transaction& tx, const std::string& app, const std::string& reference
) {
    changes_.give_up(tx, app, reference);
    const auto known = store::lock_reference(tx, app, reference, clock_.now());
    if (known.answered == "succeeded") return Standing::paid;
    return known.answered == "closed" ? Standing::closed : Standing::open;
}

Task<Result<PaymentView>> PaymentService::find_for(std::string app, PaymentId id) {
    const auto read = [id](sql::Reader& reader) { return store::find(reader, id); };
    const auto payment = co_await database_.read(read);
    if (!payment || payment->app != app) co_return kPaymentNotFound;
    co_return view_for_app(*payment);
}

Task<std::vector<PaymentView>> PaymentService::list_for(std::string app, std::string reference) {
    const auto read = [&](sql::Reader& reader) { return payments_of(reader, app, reference); };
    const auto payments = co_await database_.read(read);
    std::vector<PaymentView> views;
    for (const Payment& payment : payments) views.push_back(view_for_app(payment));
    co_return views;
}

}  // namespace doorbuster::payments
