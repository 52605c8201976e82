#include "sandbox/common/page_frame.hpp"

namespace doorbuster::sandbox {

namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
)";

constexpr std::string_view kStyle = R"(<title>模拟支付 · Payment simulator</title>
<style>
:root { color-scheme: light dark; --green: #07c160; --line: #8883; --soft: #737373; --blue: #1677ff; }
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
select { font: inherit; padding: .55rem .5rem; border: 1px solid var(--line); border-radius: .5rem;
         background: transparent; color: inherit; }
form.buy { display: flex; gap: .5rem; align-items: center; flex-wrap: wrap; margin-top: .75rem; }
.alipay button, button.alipay { background: var(--blue); }
.tag { font-size: .75rem; font-weight: 600; border-radius: .25rem; padding: .1rem .4rem; color: #fff;
       background: var(--green); vertical-align: middle; }
.alipay .tag { background: var(--blue); }
button:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid #07c16088; }
form.paste { display: flex; gap: .5rem; }
.big { font-size: 3rem; line-height: 1; font-weight: 700; color: var(--green); }
.big.bad { color: #d4380d; }
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

}  // namespace

std::string framed_page(const std::string& content, std::string_view next) {
    std::string page{kHead};
    if (!next.empty()) {
        page.append(R"(<meta http-equiv="refresh" content="3;url=)").append(next).append("\">\n");
    }
    return page.append(kStyle).append(content).append(kFoot);
}

}  // namespace doorbuster::sandbox
