#include "sandbox/alipay/pages.hpp"

#include <array>

#include "http/html.hpp"
#include "sandbox/common/page_frame.hpp"
#include "sandbox/common/text.hpp"

namespace doorbuster::sandbox::alipay {

namespace {

using http::escape_html;

struct Buyer {
    const char* name;
    const char* told;
};
constexpr std::array kBuyers{
    Buyer{"buyer1", "买家一 · Buyer 1"},
    Buyer{"buyer2", "买家二 · Buyer 2"},
    Buyer{"buyer3", "买家三 · Buyer 3"}};

std::string bill_of(const Terms& terms) {
    return R"(<p><span class="tag">支付宝 Alipay</span> )" + escape_html(terms.subject) +
           R"(</p><p class="amount">¥)" + terms.total.to_yuan() +
           R"(</p><p class="soft">订单号 · No. )" + escape_html(terms.out_trade_no) +
           "<br>付款截止 · Until " + beijing_text(terms.expires_at) + " (北京时间 · Beijing)</p>";
}

std::string hidden(const char* name, const std::string& value) {
    return std::string{R"(<input type="hidden" name=")"} + name + R"(" value=")" +
           escape_html(value) + R"(">)";
}

std::string refused(const std::string& text, const std::string& code) {
    return framed_page(
        R"(<p class="big bad" aria-hidden="true">⚠</p><h2>无法付款 · Cannot be paid</h2><p>)" +
        escape_html(text) + "</p><p><code>" + escape_html(code) + "</code></p>"
    );
}

}  // namespace

std::string log_in_page(const Page& page) {
    std::string options;
    for (const Buyer& buyer : kBuyers) {
        options +=
            std::string{R"(<option value=")"} + buyer.name + "\">" + buyer.told + "</option>";
    }
    return framed_page(
        R"(<article class="card alipay"><div>)" + bill_of(page.terms) +
        R"(<form class="buy" method="post" action="/sandbox/alipay/cashier/log-in">)" +
        hidden("page", page.token) + R"(<select name="buyer" aria-label="买家 · Buyer">)" +
        options +
        R"(</select><button>登录或扫码 · Log in or scan</button></form></div></article>
<p class="soft">登录后交易才会创建。 The trade is created when a buyer logs in.</p>)"
    );
}

std::string confirm_page(const Page& page, const Trade& trade) {
    return framed_page(
        R"(<article class="card alipay"><div>)" + bill_of(page.terms) +
        R"(<p class="soft">付款账户 · Paying account )" + escape_html(trade.buyer) +
        R"(</p><form class="buy" method="post" action="/sandbox/alipay/cashier/pay">)" +
        hidden("page", page.token) + hidden("buyer", trade.buyer) +
        R"(<button>确认付款 · Pay</button></form></div></article>)"
    );
}

std::string paid_page(const Trade& trade, const std::string& way_back) {
    const std::string next = escape_html(way_back);
    std::string content =
        R"(<p class="big" aria-hidden="true">✓</p><h2>支付成功 · Paid</h2>)"
        R"(<p class="amount">¥)" +
        trade.payer_total.to_yuan() + "</p><p>" + escape_html(trade.terms.subject) +
        R"(</p><p class="soft">订单号 · No. )" + escape_html(trade.terms.out_trade_no) +
        "<br>交易号 · Trade " + escape_html(trade.trade_no) + "</p>";
    if (!next.empty()) {
        content +=
            R"(<p class="soft">3 秒后返回商家。 You are taken back to the shop in 3 seconds.</p>)"
            R"(<p><a href=")" +
            next + R"(">返回商家 · Back to the shop</a></p>)";
    }
    return framed_page(content, next);
}

std::string refused_page(const Error& error) {
    return refused(std::string{error.kind().message}, std::string{error.kind().name});
}

std::string refused_page(const Reply& reply) { return refused(reply.sub_msg, reply.sub_code); }

std::string open_page_card(const Page& page) {
    return R"(<article class="card alipay"><div>)" + bill_of(page.terms) +
           R"(</div><form method="get" action="/sandbox/alipay/cashier">)" +
           hidden("page", page.token) +
           "<button>打开收银台 · Open cashier</button></form></article>";
}

}  // namespace doorbuster::sandbox::alipay
