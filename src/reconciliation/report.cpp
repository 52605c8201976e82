// A report for a person and for a spreadsheet.

#include <boost/json.hpp>

#include "reconciliation/reconciliation.hpp"
#include "reconciliation/report_json.hpp"

namespace doorbuster::reconciliation {

namespace {

std::string yuan(const std::optional<Money>& money) { return money ? money->to_yuan() : ""; }

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.resize(width, ' ');
    return text;
}

std::string money_line(const char* what, std::int64_t count, Money money) {
    return padded(std::string{"  "} + what, 22) + padded(std::to_string(count), 12) +
           money.to_yuan() + "\n";
}

// Numbers come from outside: a spreadsheet must not take one for a formula, or a quote for an end.
std::string csv_field(std::string_view text) {
    const bool formula =
        !text.empty() && std::string_view{"=+-@\t\r"}.find(text[0]) != std::string_view::npos;
    std::string field{'"'};
    if (formula) field += '\'';
    for (const char c : text) {
        if (c == '"') field += '"';
        field += c;
    }
    return field += '"';
}

std::string csv_line(std::initializer_list<std::string_view> fields) {
    std::string line;
    for (const std::string_view field : fields) {
        if (!line.empty()) line += ',';
        line += csv_field(field);
    }
    return line += "\r\n";
}

// Control characters of a bill must not reach a terminal.
std::string printable(std::string_view text) {
    std::string clean{text};
    for (char& c : clean) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return clean;
}

std::string table_line(const Difference& difference) {
    std::string line = padded(std::string{"  "}.append(to_string(difference.state)), 12);
    line += padded(std::string{to_string(difference.subject)}, 9);
    line += padded(std::string{to_string(difference.kind)}, 15);
    line += padded(printable(difference.number), 34);
    line += padded(yuan(difference.ours), 13) + padded(yuan(difference.theirs), 13);
    line += printable(difference.our_status) + " / " + printable(difference.their_status);
    if (!difference.note.empty()) line += "; " + printable(difference.note);
    return line + "\n";
}

}  // namespace

std::string as_table(const Report& report) {
    const Reconciliation& run = report.run;
    std::string text = run.provider + " " + run.merchant + ", " + to_string(run.day) + ": " +
                       std::string{to_string(run.state)} + "\n";
    if (!run.failure.empty()) return text + "  " + printable(run.failure) + "\n";
    text += padded("  bill", 22) + padded("count", 12) + "yuan\n";
    text += money_line("payments", run.bill.payments, run.bill.paid);
    text += money_line("of them ours", run.matched.payments, run.matched.paid);
    text += money_line("refunds", run.bill.refunds, run.bill.refunded);
    text += money_line("of them ours", run.matched.refunds, run.matched.refunded);
    text += padded("  fees", 34) + run.bill.fees.to_yuan() + "\n";
    if (run.not_kept > 0) {
        text += "  and " + std::to_string(run.not_kept) + " more differences, which are not kept\n";
    }
    if (report.differences.empty()) return text;
    text += padded("  state", 12) + padded("subject", 9) + padded("kind", 15) +
            padded("number", 34) + padded("ours", 13) + padded("theirs", 13) +
            "status here / there; what was done\n";
    for (const Difference& difference : report.differences) text += table_line(difference);
    return text;
}

std::string as_csv(const Report& report) {
    std::string text = csv_line(
        {"provider",
         "merchant",
         "date",
         "subject",
         "kind",
         "number",
         "transaction_id",
         "ours_yuan",
         "theirs_yuan",
         "our_status",
         "their_status",
         "state",
         "note"}
    );
    const std::string day = to_string(report.run.day);
    for (const Difference& difference : report.differences) {
        text += csv_line(
            {report.run.provider,
             report.run.merchant,
             day,
             to_string(difference.subject),
             to_string(difference.kind),
             difference.number,
             difference.transaction,
             yuan(difference.ours),
             yuan(difference.theirs),
             difference.our_status,
             difference.their_status,
             to_string(difference.state),
             difference.note}
        );
    }
    return text;
}

std::string as_json(const Report& report) { return boost::json::serialize(to_json(report)); }

}  // namespace doorbuster::reconciliation
