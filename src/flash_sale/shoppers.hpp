#pragma once

#include "flash_sale/edge/shopper_routes.hpp"
#include "flash_sale/flash_sale.hpp"

namespace doorbuster::flash_sale {

struct ShopperSettings {
    Captchas::Mode captcha = Captchas::Mode::image;
    Milliseconds lease = std::chrono::seconds{60};
    ShopperQuotas quotas;
};

// The shoppers' side of a flash sale, put together.
struct Shoppers {
    // All must outlive it.
    Shoppers(
        FlashSale& sale,
        const CaptchaPainter& painter,
        const Clock& clock,
        Random& random,
        const ShopperSettings& with
    )
        : captchas{painter, clock, random, with.captcha},
          tokens{random},
          limits{clock, with.quotas},
          entrance{
              {sale.board,
               sale.gate,
               sale.seen,
               sale.sale_clock,
               clock,
               limits,
               sale.meter,
               &sale.committer,
               &sale.rehearsal_buyers}},
          views{sale.board, sale.gate, sale.sale_clock},
          deps_{
              entrance,
              captchas,
              tokens,
              sale.gate,
              sale.desk,
              views,
              sale.sale_clock,
              random,
              with.lease} {}

    http::Routes routes() { return shopper_routes(deps_); }

    Captchas captchas;
    TokenSigner tokens;
    ShopperLimits limits;
    Entrance entrance;
    PromoViews views;

private:
    ShopperRoutesDeps deps_;
};

}  // namespace doorbuster::flash_sale
