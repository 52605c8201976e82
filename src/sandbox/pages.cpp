#include "sandbox/pages.hpp"

#include <algorithm>

#include "http/html.hpp"
#include "sandbox/alipay/pages.hpp"
#include "sandbox/common/errors.hpp"
#include "sandbox/common/page_frame.hpp"
#include "sandbox/sandbox.hpp"

namespace doorbuster::sandbox {

namespace {

using http::escape_html;

constexpr std::string_view kBack = R"(<p><a href="/sandbox">返回 · Back to the list</a></p>)";

std::string code_url(const wechat_pay::Trade& trade) {
    return std::string{wechat_pay::kCodeUrlPrefix} + trade.code;
}

std::string pay_form(const wechat_pay::Trade& trade) {
    return R"(<form method="post" action="/sandbox/pay"><input type="hidden" name="code_url" value=")" +
           escape_html(code_url(trade)) + R"("><button>付款 · Pay</button></form>)";
}

std::string amount(Money money) { return R"(<p class="amount">¥)" + money.to_yuan() + "</p>"; }

std::string card(const wechat_pay::Trade& trade, Time now) {
    const auto left = std::chrono::ceil<std::chrono::minutes>(
        std::min(trade.expires_at, trade.code_expires_at) - now
    );
    return R"(<article class="card"><div><p><span class="tag">微信支付 WeChat Pay</span> )" +
           escape_html(trade.description) + "</p>" + amount(trade.total) +
           R"(<p class="soft">订单号 · No. )" + escape_html(trade.out_trade_no) + " · " +
           std::to_string(left.count()) + " 分钟内有效 · min left</p><code>" +
           escape_html(code_url(trade)) + "</code></div>" + pay_form(trade) + "</article>";
}

std::string_view chinese(const Error& error) {
    if (error.is(kCodeExpired)) return "二维码或订单已过期。";
    if (error.is(kOrderClosed)) return "订单已被商户关闭。";
    if (error.is(kAlreadyPaid)) return "订单已支付。";
    return "没有这个二维码对应的订单。";
}

}  // namespace

std::string list_page(
    const std::vector<wechat_pay::Trade>& payable, const std::vector<alipay::Page>& pages, Time now
) {
    std::string content = R"(<section><h2>扫一扫 · Scan</h2>
<p class="soft">粘贴二维码内容（code_url） · Paste the content of a QR code</p>
<form class="paste" method="post" action="/sandbox/pay">
<input name="code_url" required maxlength="512" autocomplete="off" aria-label="code_url"
 placeholder="weixin://wxpay/bizpayurl?pr=…"><button>付款 · Pay</button></form></section>
<section><h2>待付款 · Waiting to be paid</h2>
)";
    for (const wechat_pay::Trade& trade : payable) content += card(trade, now) + "\n";
    for (const alipay::Page& page : pages) content += alipay::open_page_card(page) + "\n";
    if (payable.empty() && pages.empty()) {
        content += R"(<p class="soft">暂无待付款订单。 Nothing is waiting to be paid.</p>)";
    }
    content += R"(</section><p><a href="/sandbox">刷新 · Refresh</a></p>)";
    return framed_page(content);
}

std::string confirm_page(const wechat_pay::Trade& trade) {
    return framed_page(
        R"(<article class="card"><div><p>)" + escape_html(trade.description) + "</p>" +
        amount(trade.total) + R"(<p class="soft">订单号 · No. )" + escape_html(trade.out_trade_no) +
        "</p></div>" + pay_form(trade) + "</article>" + std::string{kBack}
    );
}

std::string paid_page(const wechat_pay::Trade& paid) {
    return framed_page(
        R"(<p class="big" aria-hidden="true">✓</p><h2>支付成功 · Paid</h2>)" +
        amount(paid.payer_total) + "<p>" + escape_html(paid.description) +
        R"(</p><p class="soft">订单号 · No. )" + escape_html(paid.out_trade_no) +
        "<br>交易单号 · Transaction " + escape_html(paid.transaction_id) + "</p>" +
        std::string{kBack}
    );
}

std::string refused_page(const Error& error) {
    return framed_page(
        R"(<p class="big bad" aria-hidden="true">⚠</p><h2>)" + std::string{chinese(error)} + " " +
        escape_html(error.kind().message) + "</h2>" + std::string{kBack}
    );
}

}  // namespace doorbuster::sandbox
