#pragma once

#include "flash_sale/model/sale_clock.hpp"
#include "ports/metrics.hpp"

namespace doorbuster::flash_sale {

// Tells people that wall time has jumped: by a line in the log when doubt begins and when it ends,
// and by a gauge. One job calls it.
class ClockWatch {
public:
    // `clock` must outlive it; no gauge when `registry` is null.
    ClockWatch(const SaleClock& clock, metrics::Registry* registry);

    void look();

private:
    const SaleClock& clock_;
    metrics::Gauge* const gauge_;
    bool told_ = false;
};

}  // namespace doorbuster::flash_sale
