#include "bookkeeping/books.hpp"

#include <gmock/gmock.h>

#include "support/manual_clock.hpp"
#include "support/test_database.hpp"

namespace doorbuster::bookkeeping {
namespace {

constexpr Money kPrice = Money::fen(1000);
const RefundId kRefund{7};

class BookTest : public test::DatabaseTest {
protected:
    void SetUp() override {
        DatabaseTest::SetUp();
        if (IsSkipped()) return;
        execute(
            "INSERT INTO payments (id, app, reference, owner, provider, merchant, out_trade_no, "
            "transaction_id, state, amount, currency, description, created_at, expires_at, "
            "paid_at) VALUES "
            "(1, 'shop', '1', '1', 'wechat_pay', 'm', 'T1', 'X1', 'paid', 1000, 'CNY', 'd', 0, 0, "
            "1), "
            "(2, 'shop', '2', '1', 'alipay', 'm', 'T2', 'X2', 'paid', 1000, 'CNY', 'd', 0, 0, 1)"
        );
    }

    template <class Work>
    auto write(Work work) {
        return database().write_blocking(std::move(work));
    }
    // What an account holds at both providers.
    std::int64_t holds(std::string_view account) {
        Money sum;
        const auto read = [](sql::Reader& reader) { return trial_balance(reader); };
        for (const Balance& balance : database().read_blocking(read).balances) {
            if (balance.account == account) sum += balance.balance();
        }
        return sum.fen();
    }
    void expect_balanced() {
        const auto read = [](sql::Reader& reader) { return trial_balance(reader); };
        const TrialBalance trial = database().read_blocking(read);
        EXPECT_EQ(trial.debit, trial.credit);
    }

    test::ManualClock clock_;
    Books books_{clock_};
    Source wechat_{PaymentId{1}, "wechat_pay", "m"};
    Source alipay_{PaymentId{2}, "alipay", "m"};
};

DOORBUSTER_ON_BOTH_ENGINES(BookTest);

TEST_P(BookTest, a_kept_payment_is_a_sale_and_lies_with_its_provider) {
    write([&](sql::Transaction& tx) { EXPECT_TRUE(books_.payment_kept(tx, wechat_, kPrice)); });
    EXPECT_EQ(holds("clearing"), 1000);
    EXPECT_EQ(holds("sales"), -1000);
    EXPECT_EQ(holds("receivable"), 0);
    expect_balanced();
}

TEST_P(BookTest, money_that_is_not_kept_is_owed_to_its_payer) {
    write([&](sql::Transaction& tx) { EXPECT_TRUE(books_.payment_not_kept(tx, wechat_, kPrice)); });
    EXPECT_EQ(holds("clearing"), 1000);
    EXPECT_EQ(holds("refunds_payable"), -1000);
    EXPECT_EQ(holds("sales"), 0);
    write([&](sql::Transaction& tx) {
        EXPECT_TRUE(books_.refund_paid(tx, wechat_, kRefund, kPrice));
    });
    EXPECT_EQ(holds("clearing"), 0);
    EXPECT_EQ(holds("refunds_payable"), 0);
    expect_balanced();
}

TEST_P(BookTest, a_late_payment_that_is_kept_becomes_a_sale) {
    write([&](sql::Transaction& tx) {
        books_.payment_not_kept(tx, wechat_, kPrice);
        EXPECT_TRUE(books_.payment_accepted(tx, wechat_, kPrice));
    });
    EXPECT_EQ(holds("clearing"), 1000);
    EXPECT_EQ(holds("sales"), -1000);
    EXPECT_EQ(holds("refunds_payable"), 0);
    EXPECT_EQ(holds("receivable"), 0);
}

TEST_P(BookTest, a_refund_is_owed_when_asked_for_and_leaves_clearing_when_paid) {
    const Money part = Money::fen(300);
    write([&](sql::Transaction& tx) {
        books_.payment_kept(tx, wechat_, kPrice);
        EXPECT_TRUE(books_.refund_asked(tx, wechat_, kRefund, part));
    });
    EXPECT_EQ(holds("refunds"), 300);
    EXPECT_EQ(holds("refunds_payable"), -300);
    EXPECT_EQ(holds("clearing"), 1000);
    write([&](sql::Transaction& tx) { books_.refund_paid(tx, wechat_, kRefund, part); });
    EXPECT_EQ(holds("clearing"), 700);
    EXPECT_EQ(holds("refunds_payable"), 0);
    expect_balanced();
}

TEST_P(BookTest, a_failed_refund_is_taken_back_and_can_come_again) {
    const Money part = Money::fen(300);
    write([&](sql::Transaction& tx) {
        books_.payment_kept(tx, wechat_, kPrice);
        books_.refund_asked(tx, wechat_, kRefund, part);
        EXPECT_TRUE(books_.refund_failed(tx, wechat_, kRefund, part));
    });
    EXPECT_EQ(holds("refunds"), 0);
    EXPECT_EQ(holds("refunds_payable"), 0);
    write([&](sql::Transaction& tx) {
        EXPECT_TRUE(books_.refund_revived(tx, wechat_, kRefund, part));
        EXPECT_TRUE(books_.refund_paid(tx, wechat_, kRefund, part));
    });
    EXPECT_EQ(holds("refunds"), 300);
    EXPECT_EQ(holds("clearing"), 700);
}

TEST_P(BookTest, fees_are_what_a_provider_keeps) {
    write([&](sql::Transaction& tx) {
        books_.payment_kept(tx, wechat_, kPrice);
        EXPECT_TRUE(books_.fee_charged(tx, wechat_, Money::fen(6)));
        EXPECT_TRUE(books_.fee_returned(tx, wechat_, kRefund, Money::fen(2)));
        EXPECT_EQ(fee_of(tx, wechat_.payment), Money::fen(6));
        EXPECT_EQ(fee_of(tx, alipay_.payment), std::nullopt);
    });
    EXPECT_EQ(holds("fees"), 4);
    EXPECT_EQ(holds("clearing"), 996);
}

TEST_P(BookTest, fees_of_a_whole_bill_are_booked_once_each) {
    const std::vector<Books::Fee> fees{
        {PaymentId{1}, {}, Money::fen(6)}, {PaymentId{1}, kRefund, Money::fen(2)}};
    write([&](sql::Transaction& tx) {
        EXPECT_EQ(books_.fees(tx, "wechat_pay", "m", fees), 2);
        EXPECT_EQ(books_.fees(tx, "wechat_pay", "m", fees), 0);
        EXPECT_FALSE(books_.fee_charged(tx, wechat_, Money::fen(6)));
        EXPECT_EQ(books_.fees(tx, "wechat_pay", "m", {}), 0);
    });
    EXPECT_EQ(holds("fees"), 4);
    EXPECT_EQ(holds("clearing"), -4);
    expect_balanced();
}

TEST_P(BookTest, each_effect_is_booked_once) {
    write([&](sql::Transaction& tx) {
        EXPECT_TRUE(books_.payment_kept(tx, wechat_, kPrice));
        EXPECT_FALSE(books_.payment_kept(tx, wechat_, kPrice));
        EXPECT_TRUE(books_.refund_asked(tx, wechat_, kRefund, kPrice));
        EXPECT_FALSE(books_.refund_asked(tx, wechat_, kRefund, kPrice));
        EXPECT_TRUE(books_.fee_charged(tx, wechat_, Money::fen(6)));
        EXPECT_FALSE(books_.fee_charged(tx, wechat_, Money::fen(7)));
    });
    EXPECT_EQ(holds("sales"), -1000);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM book_entries"), 4);
}

TEST_P(BookTest, each_provider_has_its_own_clearing) {
    write([&](sql::Transaction& tx) {
        books_.payment_kept(tx, wechat_, kPrice);
        books_.payment_kept(tx, alipay_, kPrice);
        books_.fee_charged(tx, alipay_, Money::fen(6));
    });
    const auto read = [](sql::Reader& reader) {
        return std::pair{clearing(reader, "wechat_pay", "m"), clearing(reader, "alipay", "m")};
    };
    EXPECT_EQ(database().read_blocking(read), std::pair(Money::fen(1000), Money::fen(994)));
}

TEST_P(BookTest, a_balance_can_be_asked_for_a_time) {
    const Time noon = clock_.now();
    write([&](sql::Transaction& tx) { books_.payment_kept(tx, wechat_, kPrice); });
    clock_.advance(Milliseconds{10});
    write([&](sql::Transaction& tx) { books_.payment_kept(tx, alipay_, kPrice); });
    const auto debits = [&](std::optional<Time> from, std::optional<Time> until) {
        const auto read = [&](sql::Reader& reader) { return trial_balance(reader, from, until); };
        return database().read_blocking(read).debit.fen();
    };
    EXPECT_EQ(debits({}, {}), 4000);
    EXPECT_EQ(debits({}, noon), 0);
    EXPECT_EQ(debits({}, noon + Milliseconds{1}), 2000);
    EXPECT_EQ(debits(noon + Milliseconds{1}, {}), 2000);
}

TEST_P(BookTest, entries_of_a_payment_tell_its_story) {
    write([&](sql::Transaction& tx) {
        books_.payment_kept(tx, wechat_, kPrice);
        books_.refund_asked(tx, wechat_, kRefund, kPrice);
        books_.payment_kept(tx, alipay_, kPrice);
    });
    const auto read = [&](sql::Reader& reader) { return entries_of(reader, wechat_.payment); };
    std::vector<std::string> kinds;
    for (const Entry& entry : database().read_blocking(read)) {
        kinds.push_back(entry.kind + " of " + entry.subject);
    }
    EXPECT_THAT(
        kinds,
        testing::ElementsAre(
            "sale of payment 1", "received of payment 1", "refund_asked of refund 7"
        )
    );
}

TEST_P(BookTest, refuse_to_be_changed_or_deleted) {
    write([&](sql::Transaction& tx) { books_.payment_kept(tx, wechat_, kPrice); });
    EXPECT_THROW(execute("UPDATE book_entries SET amount = 1"), sql::Error);
    EXPECT_THROW(execute("DELETE FROM book_entries"), sql::Error);
    if (!on_sqlite()) {
        EXPECT_THROW(execute("TRUNCATE book_entries"), sql::Error);
    }
    EXPECT_EQ(holds("clearing"), 1000);
}

TEST_P(BookTest, refuse_a_transfer_that_is_none_of_the_known_ones) {
    const auto write_row = [&](const std::string& what) {
        execute(
            "INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, "
            "credit, amount, currency, at) VALUES (" +
            what + ")"
        );
    };
    EXPECT_THROW(
        write_row("'sale', 'payment 1', 1, 'w', 'm', 'sales', 'receivable', 5, 'CNY', 0"),
        sql::Error
    );
    EXPECT_THROW(
        write_row("'fee', 'payment 1', 1, 'w', 'm', 'fees', 'fees', 5, 'CNY', 0"), sql::Error
    );
    EXPECT_THROW(
        write_row("'fee', 'payment 1', 1, 'w', 'm', 'fees', 'clearing', 0, 'CNY', 0"), sql::Error
    );
    EXPECT_THROW(
        write_row("'gift', 'payment 1', 1, 'w', 'm', 'fees', 'clearing', 5, 'CNY', 0"), sql::Error
    );
    EXPECT_NO_THROW(write_row("'fee', 'payment 1', 1, 'w', 'm', 'fees', 'clearing', 5, 'CNY', 0"));
}

}  // namespace
}  // namespace doorbuster::bookkeeping
