#include "flash_sale/model/clock_watch.hpp"

#include "ports/log.hpp"

namespace doorbuster::flash_sale {
namespace {

metrics::Gauge* gauge_of(metrics::Registry* registry) {
    if (!registry) return nullptr;
    return &registry->gauge(
        "flash_sale_clock_in_doubt", "1 while wall time has jumped and sales go by the earlier time"
    );
}

}  // namespace

ClockWatch::ClockWatch(const SaleClock& clock, metrics::Registry* registry)
    : clock_{clock}, gauge_{gauge_of(registry)} {}

void ClockWatch::look() {
    const Time counts = clock_.now();  // which is when the clock compares
    const bool in_doubt = clock_.in_doubt();
    if (gauge_) gauge_->set(in_doubt ? 1 : 0);
    if (in_doubt == told_) return;
    told_ = in_doubt;
    if (in_doubt) {
        log::error("flash_sale.clock_in_doubt", {{"sale_time", to_rfc3339(counts)}});
    } else {
        log::info("flash_sale.clock_believed", {{"sale_time", to_rfc3339(counts)}});
    }
}

}  // namespace doorbuster::flash_sale
