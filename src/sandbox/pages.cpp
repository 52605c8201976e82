#include "sandbox/pages.hpp"

#include <algorithm>

#include "http/html.hpp"
#include "sandbox/errors.hpp"
#include "sandbox/sandbox.hpp"

namespace doorbuster::sandbox {

namespace {

using http::escape_html;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>模拟支付 · Payment simulator</title>
<style>
:root { color-scheme: light dark; --green: #07c160; --line: #8883; --soft: #737373; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 44rem; padding: 1.5rem 1rem 4rem;
       font: 1rem/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; }
header { border-bottom: 3px solid var(--green); margin-bottom: 1.5rem; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .4rem 0; }
.soft { color: var(--soft); font-size: .875rem; }
.card { border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin: .75rem 0;
        display: flex; gap: 1rem; align-items: center; flex-wrap: wrap; }
.card > div { flex: 1 1 16rem; min-width: 0; }
.amount { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
code { font-size: .8rem; overflow-wrap: anywhere; color: var(--soft); }
input { font: inherit; width: 100%; padding: .6rem .75rem; border: 1px solid var(--line);
        border-radius: .5rem; background: transparent; color: inherit; }
button { font: inherit; font-weight: 600; border: 0; border-radius: .5rem; cursor: pointer;
         padding: .6rem 1.25rem; white-space: nowrap; background: var(--green); color: #fff; }
button:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid #07c16088; }
form.paste { display: flex; gap: .5rem; }
.big { font-size: 3rem; line-height: 1; }
</style>
</head>
<body>
<header>
<h1>模拟支付 <span class="soft">Payment simulator</span></h1>
<p class="soft">这里没有真实的钱。 No real money moves here.</p>
</header>
<main>
)";

constexpr std::string_view kFoot = R"(</main>
</body>
</html>
)";

constexpr std::string_view kBack = R"(<p><a href="/sandbox">返回 · Back to the list</a></p>)";

std::string whole(const std::string& content) {
    return std::string{kHead} + content + std::string{kFoot};
}

std::string code_url(const Trade& trade) { return std::string{kCodeUrlPrefix} + trade.code; }

std::string pay_form(const Trade& trade) {
    return R"(<form method="post" action="/sandbox/pay"><input type="hidden" name="code_url" value=")" +
           escape_html(code_url(trade)) + R"("><button>付款 · Pay</button></form>)";
}

std::string amount(Money money) { return R"(<p class="amount">¥)" + money.to_yuan() + "</p>"; }

std::string card(const Trade& trade, Time now) {
    const auto left = std::chrono::ceil<std::chrono::minutes>(
        std::min(trade.expires_at, trade.code_expires_at) - now
    );
    return R"(<article class="card"><div><p>)" + escape_html(trade.description) + "</p>" +
           amount(trade.total) + R"(<p class="soft">订单号 · No. )" +
           escape_html(trade.out_trade_no) + " · " + std::to_string(left.count()) +
           " 分钟内有效 · min left</p><code>" + escape_html(code_url(trade)) + "</code></div>" +
           pay_form(trade) + "</article>";
}

std::string_view chinese(const Error& error) {
    if (error.is(kCodeExpired)) return "二维码或订单已过期。";
    if (error.is(kOrderClosed)) return "订单已被商户关闭。";
    if (error.is(kAlreadyPaid)) return "订单已支付。";
    return "没有这个二维码对应的订单。";
}

}  // namespace

std::string list_page(const std::vector<Trade>& payable, Time now) {
    std::string content = R"(<section><h2>扫一扫 · Scan</h2>
<p class="soft">粘贴二维码内容（code_url） · Paste the content of a QR code</p>
<form class="paste" method="post" action="/sandbox/pay">
<input name="code_url" required maxlength="512" autocomplete="off" aria-label="code_url"
 placeholder="weixin://wxpay/bizpayurl?pr=…"><button>付款 · Pay</button></form></section>
<section><h2>待付款 · Waiting to be paid</h2>
)";
    for (const Trade& trade : payable) content += card(trade, now) + "\n";
    if (payable.empty()) {
        content += R"(<p class="soft">暂无待付款订单。 Nothing is waiting to be paid.</p>)";
    }
    content += R"(</section><p><a href="/sandbox">刷新 · Refresh</a></p>)";
    return whole(content);
}

std::string confirm_page(const Trade& trade) {
    return whole(
        R"(<article class="card"><div><p>)" + escape_html(trade.description) + "</p>" +
        amount(trade.total) + R"(<p class="soft">订单号 · No. )" + escape_html(trade.out_trade_no) +
        "</p></div>" + pay_form(trade) + "</article>" + std::string{kBack}
    );
}

std::string paid_page(const Trade& paid) {
    return whole(
        R"(<p class="big" aria-hidden="true">✅</p><h2>支付成功 · Paid</h2>)" +
        amount(paid.payer_total) + "<p>" + escape_html(paid.description) +
        R"(</p><p class="soft">订单号 · No. )" + escape_html(paid.out_trade_no) +
        "<br>交易单号 · Transaction " + escape_html(paid.transaction_id) + "</p>" +
        std::string{kBack}
    );
}

std::string refused_page(const Error& error) {
    return whole(
        R"(<p class="big" aria-hidden="true">⚠️</p><h2>)" + std::string{chinese(error)} + " " +
        escape_html(error.kind().message) + "</h2>" + std::string{kBack}
    );
}

}  // namespace doorbuster::sandbox
