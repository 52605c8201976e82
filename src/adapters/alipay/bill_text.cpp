#include "adapters/alipay/bill_text.hpp"

#include <iconv.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "adapters/alipay/beijing_time.hpp"
#include "adapters/pay_wire/plain_text.hpp"

namespace doorbuster::alipay {

namespace {

constexpr std::size_t kLineBytesMax = 64 * 1024;
constexpr std::size_t kFieldsMax = 256;
constexpr std::size_t kKindsMax = 64;
constexpr std::size_t kWordBytesMax = 64;
// Ten times the largest payment. The sum of as many rows as fit into a bill stays far below 2^63.
constexpr Money kAmountMax = Money::fen(100'000'000'000);
constexpr std::size_t kNoColumn = SIZE_MAX;
constexpr std::string_view kBeginning = "#支付宝";
constexpr std::string_view kMark = "\xef\xbb\xbf";

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
        text.replace(at, from.size(), to);
    }
}

Money absolute(Money amount) { return amount.is_negative() ? Money{} - amount : amount; }

using Kind = BillRow::Kind;

Kind trade_kind(std::string_view type) {
    if (type == "交易") return Kind::payment;
    if (type == "退款") return Kind::refund;
    return Kind::other;
}

Kind fund_kind(std::string_view type) {
    if (type == "在线支付" || type == "交易付款" || type == "交易") return Kind::payment;
    if (type == "交易退款" || type == "退款") return Kind::refund;
    if (type == "收费" || type == "退费" || type == "服务费") return Kind::fee;
    return Kind::other;
}

}  // namespace

std::optional<Money> signed_yuan(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const auto amount = Money::from_yuan(text);
    return amount && negative ? Money{} - *amount : amount;
}

class BillText::Decoder {
public:
    Decoder() : handle_{iconv_open("UTF-8", "GB18030")} {
        // NOLINTNEXTLINE(performance-no-int-to-ptr): iconv's own word for "no"
        if (handle_ == reinterpret_cast<iconv_t>(-1)) {
            throw std::runtime_error{"iconv: GB18030 is not known on this machine"};
        }
    }
    ~Decoder() { iconv_close(handle_); }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    bool utf8 = false;

    // Nothing when it is not that encoding.
    std::optional<std::string> operator()(std::string_view raw) {
        if (utf8) return std::string{raw};
        std::string text(raw.size() * 3 + 8, '\0');
        char* in = const_cast<char*>(raw.data());
        std::size_t in_left = raw.size();
        char* out = text.data();
        std::size_t out_left = text.size();
        iconv(handle_, nullptr, nullptr, nullptr, nullptr);
        if (iconv(handle_, &in, &in_left, &out, &out_left) == static_cast<std::size_t>(-1)) {
            return std::nullopt;
        }
        text.resize(text.size() - out_left);
        return text;
    }

private:
    iconv_t handle_;
};

BillText::BillText(BillKind kind, const std::function<void(const BillRow&)>& row)
    : kind_{kind}, row_{row}, decoder_{std::make_unique<Decoder>()} {
    columns_.fill(kNoColumn);
}
BillText::~BillText() = default;

void BillText::refuse(const std::string& why) const {
    throw BadBill{"line " + std::to_string(lines_) + " of the bill: " + why};
}

bool BillText::take(std::string_view bytes) {
    while (details_ && !bytes.empty()) {
        const void* found = std::memchr(bytes.data(), '\n', bytes.size());
        if (!found) break;
        const auto length =
            static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
        if (kept_.size() + length > kLineBytesMax) refuse("is followed by one that is too long");
        if (kept_.empty()) {
            line(bytes.substr(0, length));
        } else {
            kept_.append(bytes.substr(0, length));
            line(kept_);
            kept_.clear();
        }
        bytes.remove_prefix(length + 1);
    }
    if (details_) kept_.append(bytes);
    if (kept_.size() > kLineBytesMax) refuse("is followed by one that is too long");
    return details_;
}

void BillText::line(std::string_view raw) {
    ++lines_;
    if (lines_ == 1) return first_line(raw);
    if (trimmed(raw).empty()) return;
    if (has_header_ && raw.front() != '#') return data(raw);
    const auto text = (*decoder_)(trimmed(raw));
    if (!text) refuse("is not in GB18030");
    if (text->starts_with('#')) return comment(*text);
    header(*text);
}

void BillText::first_line(std::string_view raw) {
    if (raw.starts_with(kMark)) raw.remove_prefix(kMark.size());
    decoder_->utf8 = raw.starts_with(kBeginning);
    const auto text = (*decoder_)(raw);
    if (!text || !text->starts_with(kBeginning)) refuse("is not how a bill of Alipay begins");
    details_ = !contains(*text, "汇总");
    const auto wanted = kind_ == BillKind::trade ? "业务明细" : "账务明细";
    if (details_ && !contains(*text, wanted)) refuse("is the beginning of another kind of bill");
}

// "#交易合计：2笔，商家实收共88.98元，商家优惠共0.00元"
void BillText::comment(const std::string& text) {
    if (contains(text, "明细列表结束")) ended_ = true;
    const bool trade = kind_ == BillKind::trade;
    const bool plus = text.starts_with(trade ? "#交易合计" : "#收入合计");
    const bool minus = text.starts_with(trade ? "#退款合计" : "#支出合计");
    if (!ended_ || (!plus && !minus)) return;
    std::optional<Total>& told = plus ? told_plus_ : told_minus_;
    const auto digits = text.find_first_of("0123456789");
    const auto sum = text.find("共");
    const auto yuan = text.find("元", sum);
    if (told || digits == std::string::npos || yuan == std::string::npos) refuse("has no totals");
    std::int64_t count = 0;
    const auto [stop, error] =
        std::from_chars(text.data() + digits, text.data() + text.size(), count);
    const auto from = sum + std::string_view{"共"}.size();
    const auto amount = signed_yuan(trimmed(std::string_view{text}.substr(from, yuan - from)));
    if (error != std::errc{} || !std::string_view{stop}.starts_with("笔") || !amount) {
        refuse("has no totals");
    }
    told = Total{count, *amount};
}

void BillText::header(const std::string& text) {
    struct Name {
        std::string_view text;
        Column column;
        bool needed = true;
    };
    static constexpr std::array kTrade{
        Name{"支付宝交易号", Column::transaction},
        Name{"商户订单号", Column::number},
        Name{"业务类型", Column::type},
        Name{"完成时间", Column::at},
        Name{"订单金额(元)", Column::amount},
        Name{"商家实收(元)", Column::received},
        Name{"退款批次号/请求号", Column::refund_number},
        Name{"服务费(元)", Column::fee},
        Name{"商品名称", Column::title, false}};
    static constexpr std::array kFund{
        Name{"业务流水号", Column::transaction},
        Name{"商户订单号", Column::number},
        Name{"业务类型", Column::type},
        Name{"发生时间", Column::at},
        Name{"收入金额(+元)", Column::amount},
        Name{"支出金额(-元)", Column::received},
        Name{"商品名称", Column::title, false}};
    std::string names = text;
    replace_all(names, "（", "(");
    replace_all(names, "）", ")");
    split(names);
    width_ = fields_.size();
    const auto place = [&](const Name& name) {
        const auto found = std::find(fields_.begin(), fields_.end(), name.text);
        if (found == fields_.end()) {
            if (name.needed) refuse("has no column " + std::string{name.text});
            return;
        }
        columns_[static_cast<std::size_t>(name.column)] =
            static_cast<std::size_t>(found - fields_.begin());
    };
    if (kind_ == BillKind::trade) std::for_each(kTrade.begin(), kTrade.end(), place);
    if (kind_ == BillKind::fund) std::for_each(kFund.begin(), kFund.end(), place);
    has_header_ = true;
}

void BillText::split(std::string_view raw) {
    fields_.clear();
    for (;;) {
        const auto comma = raw.find(',');
        fields_.push_back(trimmed(raw.substr(0, comma)));
        if (comma == std::string_view::npos) return;
        if (fields_.size() == kFieldsMax) refuse("has too many fields");
        raw.remove_prefix(comma + 1);
    }
}

std::string_view BillText::field(Column column) const {
    const std::size_t index = columns_[static_cast<std::size_t>(column)];
    return index == kNoColumn ? std::string_view{} : fields_[index];
}

Money BillText::money(Column column, bool may_be_empty) const {
    const auto text = field(column);
    if (text.empty() && may_be_empty) return {};
    const auto amount = signed_yuan(text);
    if (!amount || absolute(*amount) > kAmountMax) refuse("has an amount that is none");
    return *amount;
}

// Whether times and amounts stand in their columns.
bool BillText::fits() const {
    const bool trade = kind_ == BillKind::trade;
    const auto is_amount = [&](Column column, bool may_be_empty) {
        const auto text = field(column);
        return text.empty() ? may_be_empty : signed_yuan(text).has_value();
    };
    return from_beijing_time(field(Column::at)) && is_amount(Column::amount, !trade) &&
           is_amount(Column::received, !trade) && is_amount(Column::fee, true);
}

void BillText::data(std::string_view raw) {
    if (ended_) refuse("comes after the end of the list");
    split(raw);
    if (fields_.size() < width_) refuse("has too few fields");
    // Nothing quotes a comma. In the remark, the last column, it does no harm; in a title it moves
    // what is behind it, until times and amounts are where they belong.
    const std::size_t title = columns_[static_cast<std::size_t>(Column::title)];
    const auto behind_title = static_cast<std::ptrdiff_t>(title) + 1;
    while (title != kNoColumn && fields_.size() > width_ && !fits()) {
        fields_.erase(fields_.begin() + behind_title);
    }
    if (kind_ == BillKind::trade) {
        trade_row();
    } else {
        fund_row();
    }
    row_(current_);
}

const std::pair<BillRow::Kind, std::string>& BillText::kind_of(std::string_view raw) {
    for (const auto& [bytes, kind] : kinds_) {
        if (bytes == raw) return kind;
    }
    const auto text = (*decoder_)(raw);
    if (!text || !pay_wire::is_plain_text(*text, kWordBytesMax)) refuse("has a kind that is none");
    if (kinds_.size() == kKindsMax) kinds_.clear();
    const Kind kind = kind_ == BillKind::trade ? trade_kind(*text) : fund_kind(*text);
    kinds_.push_back({std::string{raw}, {kind, *text}});
    return kinds_.back().second;
}

void BillText::common_fields(std::string_view type) {
    const auto at = from_beijing_time(field(Column::at));
    if (!at) refuse("has a time that is none");
    const auto& [kind, status] = kind_of(type);
    current_.kind = kind;
    current_.status = status;
    current_.at = *at;
    current_.out_trade_no = number(Column::number);
    current_.transaction_id = number(Column::transaction);
    current_.out_refund_no = number(Column::refund_number);
}

// Other movements on the account can have been given numbers that no payment has; those are
// nobody's.
std::string_view BillText::number(Column column) const {
    const auto text = field(column);
    if (pay_wire::is_plain_word(text, kWordBytesMax)) return text;
    const bool of_trade = kind_ == BillKind::trade && current_.kind != Kind::other;
    if (of_trade) refuse("has a number that is none");
    return {};
}

void BillText::count(Total& total, Money sum) {
    ++total.count;
    total.sum += sum;
}

void BillText::trade_row() {
    common_fields(field(Column::type));
    const Money amount = money(Column::amount, false);
    const Money received = money(Column::received, false);
    const Money fee = money(Column::fee, true);  // negative when it was taken
    current_.amount = absolute(amount);
    current_.fee = absolute(fee);
    if (current_.kind == Kind::payment) {
        if (amount.is_negative()) refuse("is a payment with a negative amount");
        ++summary_.payments;
        summary_.paid += current_.amount;
        count(plus_, received);
    } else if (current_.kind == Kind::refund) {
        ++summary_.refunds;
        summary_.refunded += current_.amount;
        count(minus_, received);
    }
    if (current_.kind != Kind::other) summary_.fees -= fee;
}

void BillText::fund_row() {
    common_fields(field(Column::type));
    const Money in = money(Column::amount, true);
    const Money out = money(Column::received, true);
    current_.income = !in.is_zero();
    current_.amount = absolute(current_.income ? in : out);
    if (current_.income) {
        ++summary_.payments;
        summary_.paid += current_.amount;
        count(plus_, in);
    } else {
        ++summary_.refunds;
        summary_.refunded += current_.amount;
        count(minus_, out);
    }
    if (current_.kind != Kind::fee) return;
    summary_.fees += current_.income ? Money{} - current_.amount : current_.amount;
}

BillSummary BillText::finish() {
    if (!kept_.empty()) {
        line(kept_);
        kept_.clear();
    }
    if (!has_header_ || !ended_) refuse("is the last one, and the list has no end: it is cut off");
    if (!told_plus_ || !told_minus_) refuse("is the last one, and there are no totals");
    told_minus_->sum = absolute(told_minus_->sum);
    minus_.sum = absolute(minus_.sum);
    if (*told_plus_ != plus_ || *told_minus_ != minus_) {
        refuse("the totals are not those of the rows");
    }
    return summary_;
}

}  // namespace doorbuster::alipay
