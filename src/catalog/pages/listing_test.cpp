#include <gtest/gtest.h>

#include "catalog/pages/listing_answer.hpp"
#include "support/catalog_world.hpp"
#include "support/test_database.hpp"

namespace doorbuster::catalog {
namespace {

using World = test::CatalogWorld;

class Listings : public test::DatabaseTest {
protected:
    // Titles of the page, joined by commas.
    std::string titles(ListingRequest request, Audience audience = Audience::shopper) {
        if (audience == Audience::shopper) request.filter.status = ProductStatus::active;
        const Listing listing = world_.read([&](sql::Reader& reader) {
            return run_listing(reader, world_.catalog.categories, request, audience);
        });
        std::string joined;
        for (const ListedProduct& product : listing.products) {
            if (!joined.empty()) joined += ',';
            joined += product.title;
        }
        total_ = listing.total;
        return joined;
    }
    std::string found(const std::string& words) {
        ListingRequest request;
        request.filter.words = SearchWords{words};
        return titles(request);
    }
    void add(const std::string& title, std::int64_t fen, std::optional<CategoryId> category = {}) {
        ProductContent content = World::simple(title, fen);
        content.category = category;
        world_.add_active(content);
    }

    std::int64_t total_ = 0;
    World world_{database()};
};
DOORBUSTER_ON_BOTH_ENGINES(Listings);

class Search : public Listings {
protected:
    void SetUp() override {
        Listings::SetUp();
        if (IsSkipped()) return;
        add_goods("轻奢纯棉刺绣水洗四件套", "<p>设计师原款，精致绣花</p>", "网易严选", {"床品"});
        add_goods("牛仔裤", "<p>Slim fit jeans, 100% cotton</p>", "Levi's", {"men", "50%_off"});
        add_goods(
            "Ocean Blue Shirt", "<p>Ocean blue cotton shirt with a narrow collar</p>", "acme", {}
        );
        add_goods("100%_real \"quoted\" C:\\path", "<p>nothing</p>", "O'Brien & Sons", {});
        world_.add_draft(World::simple("Secret cotton draft"));
    }
    void add_goods(
        const std::string& title,
        const std::string& body,
        const std::string& vendor,
        const std::vector<std::string>& tags
    ) {
        ProductContent content = World::simple(title);
        content.body_html = body;
        content.vendor = vendor;
        content.tags = tags;
        world_.add_active(content);
    }
};
DOORBUSTER_ON_BOTH_ENGINES(Search);

TEST_P(Search, finds_words_of_any_length_in_any_script) {
    const std::string bed = "轻奢纯棉刺绣水洗四件套";
    const std::string jeans = "牛仔裤";
    const std::string shirt = "Ocean Blue Shirt";
    const std::string odd = "100%_real \"quoted\" C:\\path";
    const std::vector<std::pair<std::string, std::string>> table{
        // Two characters, the usual Chinese word, and one.
        {"牛仔", jeans},
        {"刺绣", bed},
        {"床品", bed},
        {"绣", bed},
        {"设计", bed},
        // Longer ones.
        {"四件套", bed},
        {"设计师原款", bed},
        {"网易严选", bed},
        // English: any case, parts of words, short words.
        {"ocean", shirt},
        {"OCEAN", shirt},
        {"cea", shirt},
        {"cotton", shirt + "," + jeans},
        {"fit", jeans},
        {"a narrow", shirt},
        // Several words must all be there, wherever.
        {"cotton men", jeans},
        {"cotton 牛仔", jeans},
        {"牛仔 cotton slim", jeans},
        {"牛仔 四件套", ""},
        {"ocean　shirt", shirt},  // ideographic space
        {"  ocean   ", shirt},
        // Marks are searched for as they stand.
        {"%", odd + "," + jeans},
        {"_", odd + "," + jeans},
        {"0%_", odd + "," + jeans},
        {"100%_real", odd},
        {"1__%", ""},
        {"\"quoted\"", odd},
        {"\"", odd},
        {"c:\\path", odd},
        {"\\", odd},
        {"o'brien", odd},
        {"'", odd + "," + jeans},
        // Nothing of these is a command.
        {"ocean OR jeans", ""},
        {"ocean NOT shirt", ""},
        {"NEAR(ocean blue)", ""},
        {"title:ocean", ""},
        {"ocea*", ""},
        {"^ocean", ""},
        {"(", ""},
        {"'; DROP TABLE products; --", ""},
        {"\" OR 1=1 --", ""},
        {"{ocean}", ""},
        {"nosuchword", ""},
        {"***", ""},
        {"\"\"\"", ""},
        {"---", ""},
        {"%%%", ""},
        {"AND", ""},
        {"😀😀😀", ""},
    };
    for (const auto& [words, titles] : table) EXPECT_EQ(found(words), titles) << words;
    EXPECT_EQ(integer("SELECT COUNT(*) FROM products"), 5);
}

TEST_P(Search, asks_more_words_than_the_index_is_asked_for) {
    EXPECT_EQ(found("ocean blue cotton shirt with narrow collar acme"), "Ocean Blue Shirt");
    EXPECT_EQ(found("ocean blue cotton shirt with narrow collar nowhere"), "");
}

TEST_P(Search, follows_changes_of_a_product) {
    const auto id = world_.add_active(World::simple("Old name"));
    EXPECT_EQ(found("old"), "Old name");
    ASSERT_TRUE(world_.update(id, World::simple("新名 Fresh")));
    EXPECT_EQ(found("old"), "");
    EXPECT_EQ(found("新名"), "新名 Fresh");
    world_.set_status(id, ProductStatus::archived);
    EXPECT_EQ(found("新名"), "");
}

TEST_P(Search, puts_what_has_the_words_in_its_title_first) {
    add_goods("Plain", "<p>a teapot lid</p>", "", {});
    add_goods("Teapot lid of blue china", "", "", {});
    add_goods("Teapot", "<p>with lid</p>", "", {});
    add_goods("Teapot lid", "", "", {});
    add_goods("Plain 2", "<p>a teapot lid</p>", "", {});
    ListingRequest request;
    request.filter.words = SearchWords{"teapot lid"};
    request.filter.sort = ListingSort::relevance;
    EXPECT_EQ(titles(request), "Teapot lid,Teapot lid of blue china,Teapot,Plain,Plain 2");
}

TEST(SearchWordsTest, are_split_once_each) {
    EXPECT_TRUE(SearchWords{""}.empty());
    EXPECT_TRUE(SearchWords{" \t\n　 "}.empty());
    const SearchWords words{"牛仔 jeans\t牛仔　x_y"};
    EXPECT_EQ(words.all(), (std::vector<std::string>{"牛仔", "jeans", "x_y"}));
    EXPECT_EQ(words.fts_match(), "\"jeans\" \"x_y\"");
    EXPECT_EQ(words.short_patterns(), (std::vector<std::string>{"%牛仔%"}));
    EXPECT_EQ(words.patterns()[2], "%x\\_y%");
    EXPECT_EQ(SearchWords{"say\"hi\""}.fts_match(), "\"say\"\"hi\"\"\"");
}

TEST_P(Listings, show_active_products_newest_first) {
    add("a", 100);
    add("b", 100);
    world_.add_draft(World::simple("draft"));
    EXPECT_EQ(titles({}), "b,a");
    EXPECT_EQ(total_, 2);
    EXPECT_EQ(titles({}, Audience::staff), "draft,b,a");
    ListingRequest drafts;
    drafts.filter.status = ProductStatus::draft;
    EXPECT_EQ(titles(drafts, Audience::staff), "draft");
}

TEST_P(Listings, sort_by_price_both_ways) {
    for (const auto& [title, price] : {std::pair{"mid", 200}, {"low", 100}, {"high", 300}}) {
        add(title, price);
    }
    ListingRequest request;
    request.filter.sort = ListingSort::price_asc;
    EXPECT_EQ(titles(request), "low,mid,high");
    request.filter.sort = ListingSort::price_desc;
    EXPECT_EQ(titles(request), "high,mid,low");
}

TEST_P(Listings, filter_by_the_range_of_prices) {
    world_.add_active(World::with_values("wide", {"S", "M", "L"}, 1000));  // 10.00 to 12.00
    add("cheap", 500);
    add("dear", 5000);
    const auto between = [&](std::optional<std::int64_t> min, std::optional<std::int64_t> max) {
        ListingRequest request;
        request.filter.sort = ListingSort::price_asc;
        if (min) request.filter.min_price = Money::fen(*min);
        if (max) request.filter.max_price = Money::fen(*max);
        return titles(request);
    };
    EXPECT_EQ(between({}, {}), "cheap,wide,dear");
    EXPECT_EQ(between(1100, 1150), "wide");
    EXPECT_EQ(between(1200, {}), "wide,dear");
    EXPECT_EQ(between(1201, {}), "dear");
    EXPECT_EQ(between({}, 1000), "cheap,wide");
    EXPECT_EQ(between({}, 999), "cheap");
    EXPECT_EQ(between(2000, 1000), "");
}

TEST_P(Listings, filter_by_what_can_be_bought_now) {
    const auto shirt = world_.add_active(World::with_values("shirt", {"S", "M"}));
    add("never stocked", 100);
    ListingRequest request;
    request.filter.in_stock = true;
    EXPECT_EQ(titles(request), "");
    const SkuId sku = world_.product(shirt).content.skus[1].id;
    world_.set_stock(sku, 3);
    EXPECT_EQ(titles(request), "shirt");
    world_.set_stock(sku, 0);
    EXPECT_EQ(titles(request), "");
    world_.set_stock(sku, 3);
    ASSERT_TRUE(world_.update(shirt, World::with_values("shirt", {"S"})));  // removes it
    EXPECT_EQ(titles(request), "");
}

TEST_P(Listings, of_a_category_hold_everything_below_it) {
    const auto home = world_.add_category("home");
    const auto bed = world_.add_category("bed", home);
    const auto sheets = world_.add_category("sheets", bed);
    const auto garden = world_.add_category("garden");
    add("lamp", 100, home);
    add("pillow", 200, bed);
    add("sheet", 300, sheets);
    add("spade", 400, garden);
    add("loose", 500);
    const auto in = [&](CategoryId category, Audience audience = Audience::shopper) {
        ListingRequest request;
        request.category = category;
        return titles(request, audience);
    };
    EXPECT_EQ(in(home), "sheet,pillow,lamp");
    EXPECT_EQ(in(bed), "sheet,pillow");
    EXPECT_EQ(in(garden), "spade");
    EXPECT_EQ(in(CategoryId{999}), "");
    EXPECT_EQ(total_, 0);

    ASSERT_TRUE(world_.write([&](sql::Transaction& tx) {
        return world_.catalog.categories.update(tx, bed, {.hidden = true});
    }));
    EXPECT_EQ(in(home), "lamp");
    EXPECT_EQ(in(bed), "");
    EXPECT_EQ(in(sheets), "");
    EXPECT_EQ(in(bed, Audience::staff), "sheet,pillow");
}

// Every filter with every sort, in pages: together the pages are what one long page is.
TEST_P(Listings, pages_add_up_whatever_the_filter_and_the_sort) {
    const auto home = world_.add_category("home");
    const auto bed = world_.add_category("bed", home);
    for (int i = 0; i < 23; ++i) {
        ProductContent content = World::simple("cotton 牛仔 " + std::to_string(i), 100 + i % 5);
        content.category = i % 3 == 0 ? home : bed;
        const auto id = world_.add_active(content);
        if (i % 2 == 0) world_.set_stock(world_.first_sku(id), 1);
    }
    for (int shape = 0; shape < 32; ++shape) {
        for (const auto sort :
             {ListingSort::newest,
              ListingSort::price_asc,
              ListingSort::price_desc,
              ListingSort::relevance,
              ListingSort::updated}) {
            ListingRequest request;
            if (shape & 1) request.category = home;
            if (shape & 2) request.filter.words = SearchWords{"cotton"};
            if (shape & 4) request.filter.words = SearchWords{"cotton 牛仔"};
            if (shape & 8) request.filter.max_price = Money::fen(103);
            if (shape & 16) request.filter.in_stock = true;
            request.filter.sort = sort;
            request.filter.limit = 100;
            const std::string whole = titles(request);
            const auto total = total_;
            ASSERT_GT(total, 8);
            std::string pages;
            request.filter.limit = 4;
            for (; request.filter.offset < total; request.filter.offset += 4) {
                if (!pages.empty()) pages += ',';
                pages += titles(request);
                ASSERT_EQ(total_, total);
            }
            ASSERT_EQ(pages, whole) << shape << " " << static_cast<int>(sort);
        }
    }
}

}  // namespace
}  // namespace doorbuster::catalog
