#include <gtest/gtest.h>

#include "support/catalog_world.hpp"
#include "support/pictures.hpp"
#include "support/run_task.hpp"
#include "support/test_database.hpp"

namespace doorbuster::catalog {
namespace {

using World = test::CatalogWorld;
using http::Method;
using test::Reply;

const std::string kProducts = "/api/admin/v1/products";
const std::string kSkus = "/api/admin/v1/skus/";
const std::string kCategories = "/api/admin/v1/categories";
const std::string kMedia = "/api/admin/v1/media";

class CatalogRoutes : public test::DatabaseTest {
protected:
    std::string create_product(const std::string& body) {
        const Reply reply = world_.staff.post(kProducts, body);
        EXPECT_EQ(reply.status, 201) << reply.body;
        return reply.text("/data/id");
    }
    std::string create_shirt() {
        return create_product(R"({"title":"Shirt","options":["Size"],"skus":[
            {"options":["S"],"price":4900,"sku":"SH-S","initial_stock":3},
            {"options":["M"],"price":5900,"compare_at_price":9900}]})");
    }
    std::string create_category(const std::string& body) {
        const Reply reply = world_.staff.post(kCategories, body);
        EXPECT_EQ(reply.status, 201) << reply.body;
        return reply.text("/data/id");
    }
    std::int64_t audited(std::string_view action) {
        return integer("SELECT COUNT(*) FROM audit_log WHERE action = $1", {action});
    }
    test::RouteClient& staff() { return world_.staff; }
    test::RouteClient& shopper() { return world_.shopper; }

    World world_{database()};
};
DOORBUSTER_ON_BOTH_ENGINES(CatalogRoutes);

TEST_P(CatalogRoutes, of_staff_are_for_staff_with_the_right_catalog) {
    for (const http::Route& route : world_.router.routes()) {
        const bool admin = route.pattern.starts_with("/api/admin/");
        std::string path = route.pattern;
        for (const char* param : {"{id}", "{name}"}) {
            if (const auto at = path.find(param); at != std::string::npos) {
                path.replace(at, std::string_view{param}.size(), "1");
            }
        }
        const auto status = [&](const std::string& token) {
            return world_.shopper.as(token).send(route.method, path, "{}").status;
        };
        EXPECT_EQ(status("") == 401, admin) << path;
        EXPECT_EQ(status("shopper") == 403, admin) << path;
        EXPECT_EQ(status("orders") == 403, admin) << path;
        const int allowed = status("staff");
        EXPECT_TRUE(allowed != 401 && allowed != 403 && allowed < 500) << path << ' ' << allowed;
    }
}

TEST_P(CatalogRoutes, create_show_and_publish_a_product) {
    const std::string id = create_shirt();
    const Reply draft = staff().get(kProducts + "/" + id);
    EXPECT_EQ(draft.status, 200);
    EXPECT_EQ(draft.text("/data/status"), "draft");
    EXPECT_EQ(draft.text("/data/handle"), "shirt");
    EXPECT_EQ(draft.text("/data/options/0"), "Size");
    EXPECT_EQ(draft.text("/data/skus/0/options/0"), "S");
    EXPECT_EQ(draft.integer("/data/skus/0/stock/available"), 3);
    EXPECT_EQ(draft.integer("/data/skus/1/stock/available"), 0);
    EXPECT_EQ(draft.text("/data/skus/0/compare_at_price"), "null");
    EXPECT_EQ(draft.integer("/data/skus/1/compare_at_price"), 9900);
    EXPECT_EQ(draft.text("/data/category_id"), "null");
    EXPECT_EQ(draft.integer("/data/price_max"), 5900);
    EXPECT_EQ(shopper().get("/api/v1/products/" + id).status, 404);

    EXPECT_EQ(staff().post(kProducts + "/" + id + "/publish", "").text("/data/status"), "active");
    EXPECT_EQ(shopper().get("/api/v1/products/" + id).integer("/data/skus/0/stock"), 3);
    EXPECT_EQ(staff().post(kProducts + "/" + id + "/unpublish", "").text("/data/status"), "draft");
    EXPECT_EQ(shopper().get("/api/v1/products/" + id).status, 404);
    EXPECT_EQ(staff().post(kProducts + "/" + id + "/archive", "").text("/data/status"), "archived");
    EXPECT_EQ(audited("product.created"), 1);
    EXPECT_EQ(audited("product.status"), 3);
    EXPECT_EQ(staff().post(kProducts + "/99/publish", "").error(), "product_not_found");

    const std::string empty = create_product(R"({"title":"Empty"})");
    EXPECT_EQ(staff().post(kProducts + "/" + empty + "/publish", "").error(), "nothing_to_sell");
}

TEST_P(CatalogRoutes, create_once_for_one_idempotency_key) {
    const std::string body = R"({"title":"Mug","skus":[{"price":100,"initial_stock":5}]})";
    const auto send = [&](const std::string& text) {
        return staff().post(kProducts, text, {{"idempotency-key", "k1"}});
    };
    const Reply first = send(body);
    const Reply second = send(body);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.text("/data/id"), first.text("/data/id"));
    EXPECT_EQ(second.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(send(R"({"title":"Other"})").status, 422);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM products"), 1);
    EXPECT_EQ(integer("SELECT SUM(available) FROM stock"), 5);
}

TEST_P(CatalogRoutes, patch_what_is_given_and_put_everything) {
    const std::string category = create_category(R"({"name":"Clothes"})");
    const std::string id = create_shirt();
    const std::string path = kProducts + "/" + id;
    const Reply patched = staff().patch(
        path,
        R"({"title":"Blouse","category_id":")" + category + R"(","tags":["new"],"vendor":"Acme"})"
    );
    EXPECT_EQ(patched.status, 200) << patched.body;
    EXPECT_EQ(patched.text("/data/title"), "Blouse");
    EXPECT_EQ(patched.text("/data/category_id"), category);
    EXPECT_EQ(patched.size("/data/skus"), 2u);
    EXPECT_EQ(patched.text("/data/handle"), "shirt");
    EXPECT_EQ(staff().patch(path, R"({"category_id":null})").text("/data/category_id"), "null");

    const std::string small = patched.text("/data/skus/0/id");
    const Reply put = staff().put(
        path, R"({"title":"Cape","skus":[{"price":100,"id":")" + small + R"("},{"price":1}]})"
    );
    EXPECT_EQ(put.status, 422);
    EXPECT_TRUE(put.blames("skus[1].options")) << put.body;
    const Reply whole = staff().put(
        path,
        R"({"title":"Cape","options":["Color"],"skus":[
            {"options":["red"],"price":100,"initial_stock":9},
            {"id":")" +
            small + R"(","options":["blue"],"price":200,"initial_stock":9}]})"
    );
    EXPECT_EQ(whole.status, 200) << whole.body;
    EXPECT_EQ(whole.text("/data/vendor"), "");
    EXPECT_EQ(whole.size("/data/tags"), 0u);
    EXPECT_EQ(whole.integer("/data/skus/0/stock/available"), 9);
    EXPECT_EQ(whole.text("/data/skus/1/id"), small);
    EXPECT_EQ(whole.integer("/data/skus/1/stock/available"), 3) << "only new SKUs get stock";
    EXPECT_EQ(staff().put(path, R"({"title":"Cape"})").status, 422) << "PUT without skus";
    EXPECT_EQ(audited("product.changed"), 3);
}

TEST_P(CatalogRoutes, refuse_a_change_of_an_outdated_version) {
    const std::string path = kProducts + "/" + create_shirt();
    const Reply seen = staff().get(path);
    const std::string version = seen.text("/data/version");
    EXPECT_EQ(seen.header("ETag"), '"' + version + '"');
    EXPECT_EQ(staff().patch(path, R"({"title":"A","version":")" + version + R"("})").status, 200);
    const Reply late = staff().patch(path, R"({"title":"B","version":")" + version + R"("})");
    EXPECT_EQ(late.status, 409);
    EXPECT_EQ(late.error(), "product_changed");
    const auto if_match = [&](const std::string& header) {
        return staff().patch(path, R"({"title":"C"})", {{"if-match", header}}).status;
    };
    EXPECT_EQ(if_match('"' + version + '"'), 409);
    EXPECT_EQ(if_match("\"nonsense\""), 422);
    EXPECT_EQ(if_match(staff().get(path).header("ETag")), 200);
    EXPECT_EQ(if_match("*"), 200);
}

TEST_P(CatalogRoutes, tell_every_bad_field_of_a_product_and_change_nothing) {
    struct Bad {
        std::string body;
        int status;
        std::string field;
    };
    const std::string long_title(256, 'x');
    const std::vector<Bad> table{
        {"", 400, ""},
        {"[]", 400, ""},
        {"{", 400, ""},
        {"{}", 422, "title"},
        {R"({"title":""})", 422, "title"},
        {R"({"title":"   "})", 422, "title"},
        {R"({"title":7})", 422, "title"},
        {R"({"title":")" + long_title + R"("})", 422, "title"},
        {"{\"title\":\"a\\u0000b\"}", 422, "title"},
        {"{\"title\":\"\xff\xfe\"}", 400, ""},
        {R"({"title":"a","handle":"a b/c"})", 422, "handle"},
        {R"({"title":"a","tags":"x"})", 422, "tags"},
        {R"({"title":"a","tags":["a,b"]})", 422, "tags[0]"},
        {R"({"title":"a","options":["1","2","3","4"]})", 422, "options"},
        {R"({"title":"a","options":["x","x"]})", 422, "options[1]"},
        {R"({"title":"a","category_id":"99"})", 422, "category_id"},
        {R"({"title":"a","category_id":"x"})", 422, "category_id"},
        {R"({"title":"a","images":[{"id":"99"}]})", 422, "images[0].id"},
        {R"({"title":"a","images":[{}]})", 422, "images[0].id"},
        {R"({"title":"a","skus":{}})", 422, "skus"},
        {R"({"title":"a","skus":[{}]})", 422, "skus[0].price"},
        {R"({"title":"a","skus":[{"price":-1}]})", 422, "skus[0].price"},
        {R"({"title":"a","skus":[{"price":9223372036854775808}]})", 422, "skus[0].price"},
        {R"({"title":"a","skus":[{"price":1.5}]})", 422, "skus[0].price"},
        {R"({"title":"a","skus":[{"price":"1"}]})", 422, "skus[0].price"},
        {R"({"title":"a","skus":[{"price":1,"options":["S"]}]})", 422, "skus[0].options"},
        {R"({"title":"a","skus":[{"price":1},{"price":2}]})", 422, "skus[1].options"},
        {R"({"title":"a","skus":[{"price":1,"image_id":"99"}]})", 422, "skus[0].image_id"},
        {R"({"title":"a","skus":[{"price":1,"initial_stock":-1}]})", 422, "skus[0].initial_stock"},
        {R"({"title":"a","skus":[{"price":1,"initial_stock":1000000001}]})",
         422,
         "skus[0].initial_stock"},
    };
    for (const auto& [body, status, field] : table) {
        const Reply reply = staff().post(kProducts, body);
        EXPECT_EQ(reply.status, status) << body << ' ' << reply.body;
        const bool named = field.empty() || reply.blames(field);
        EXPECT_TRUE(named) << body << ' ' << reply.body;
    }
    EXPECT_EQ(integer("SELECT COUNT(*) FROM products"), 0);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM audit_log"), 0);
}

TEST_P(CatalogRoutes, store_hostile_text_as_text_and_html_without_its_teeth) {
    const std::string title = "Robert'); DROP TABLE products;-- <script>alert(1)</script> 秒杀 😀";
    const std::string id = create_product(
        R"({"title":")" + title +
        R"(","body_html":"<p>ok<script>alert(1)</script><a href=\"javascript:x()\">y</a></p>",)"
        R"("skus":[{"price":100,"sku":"' OR 1=1 --"}]})"
    );
    staff().post(kProducts + "/" + id + "/publish", "");
    const Reply page = shopper().get("/api/v1/products/" + id);
    EXPECT_EQ(page.text("/data/title"), title);
    EXPECT_EQ(page.text("/data/skus/0/sku"), "' OR 1=1 --");
    const std::string html = page.text("/data/body_html");
    EXPECT_NE(html.find("ok"), std::string::npos);
    EXPECT_EQ(html.find("script"), std::string::npos) << html;
    EXPECT_EQ(integer("SELECT COUNT(*) FROM products"), 1);
}

TEST_P(CatalogRoutes, add_change_and_remove_single_skus) {
    const std::string id = create_shirt();
    const std::string add = kProducts + "/" + id + "/skus";
    const Reply added = staff().post(add, R"({"options":["L"],"price":6900,"initial_stock":2})");
    EXPECT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.integer("/data/stock/available"), 2);
    const std::string sku = added.text("/data/id");
    EXPECT_EQ(staff().post(add, R"({"options":["L"],"price":1})").status, 422);
    EXPECT_EQ(staff().post(kProducts + "/99/skus", R"({"price":1})").status, 404);

    const Reply changed =
        staff().patch(kSkus + sku, R"({"price":7900,"sku":"SH-L","compare_at_price":8900})");
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.integer("/data/price"), 7900);
    EXPECT_EQ(changed.text("/data/options/0"), "L");
    EXPECT_EQ(
        staff().patch(kSkus + sku, R"({"compare_at_price":null})").text("/data/compare_at_price"),
        "null"
    );
    EXPECT_EQ(staff().get(kProducts + "/" + id).integer("/data/price_max"), 7900);
    EXPECT_EQ(staff().patch(kSkus + sku, R"({"options":["S"]})").status, 422);
    EXPECT_EQ(staff().patch(kSkus + "99", R"({"price":1})").error(), "sku_not_found");
    const std::string mug = create_product(R"({"title":"Mug","skus":[{"price":1,"sku":"M"}]})");
    EXPECT_EQ(staff().patch(kSkus + sku, R"({"sku":"M"})").error(), "sku_code_taken");

    EXPECT_EQ(staff().del(kSkus + sku).status, 200);
    EXPECT_EQ(staff().del(kSkus + sku).status, 404);
    EXPECT_EQ(staff().get(kProducts + "/" + id).size("/data/skus"), 2u);
    staff().post(kProducts + "/" + mug + "/publish", "");
    const std::string last = staff().get(kProducts + "/" + mug).text("/data/skus/0/id");
    EXPECT_EQ(staff().del(kSkus + last).error(), "nothing_to_sell");
    EXPECT_EQ(audited("sku.created"), 1);
    EXPECT_EQ(audited("sku.changed"), 2);
    EXPECT_EQ(audited("sku.removed"), 1);
}

TEST_P(CatalogRoutes, set_stock_and_show_its_ledger) {
    const std::string id = create_shirt();
    const std::string sku = staff().get(kProducts + "/" + id).text("/data/skus/0/id");
    const std::string stock = kSkus + sku + "/stock";
    EXPECT_EQ(
        staff().put(stock, R"({"available":10,"note":"盘点"})").integer("/data/available"), 10
    );
    EXPECT_EQ(staff().put(stock, R"({"difference":-4})").integer("/data/available"), 6);
    EXPECT_EQ(staff().put(stock, R"({"difference":-7})").error(), "stock_below_zero");
    for (const char* bad :
         {"{}",
          R"({"available":1,"difference":1})",
          R"({"available":-1})",
          R"({"available":1000000001})",
          R"({"difference":9223372036854775807})",
          R"({"available":"1"})"}) {
        EXPECT_EQ(staff().put(stock, bad).status, 422) << bad;
    }
    EXPECT_EQ(staff().put(kSkus + "99/stock", R"({"available":1})").status, 404);

    const Reply ledger = staff().get(kSkus + sku + "/stock-ledger?page_size=2");
    EXPECT_EQ(ledger.status, 200);
    EXPECT_EQ(ledger.integer("/data/total"), 3);
    EXPECT_EQ(ledger.size("/data/list"), 2u);
    EXPECT_EQ(ledger.integer("/data/list/0/quantity"), -4);
    EXPECT_EQ(ledger.text("/data/list/1/note"), "盘点");
    EXPECT_EQ(ledger.text("/data/list/1/actor"), "1");
    EXPECT_EQ(ledger.text("/data/list/1/order_no"), "null");
    const Reply oldest = staff().get(kSkus + sku + "/stock-ledger?page_size=2&page=2");
    EXPECT_EQ(oldest.text("/data/list/0/kind"), "GRANT");
    EXPECT_EQ(staff().get(kSkus + "99/stock-ledger").status, 404);
    EXPECT_EQ(audited("sku.stock"), 2);
}

TEST_P(CatalogRoutes, list_products_for_shoppers_and_staff) {
    const std::string category = create_category(R"({"name":"Clothes"})");
    const std::string id = create_shirt();
    staff().patch(kProducts + "/" + id, R"({"category_id":")" + category + R"("})");
    staff().post(kProducts + "/" + id + "/publish", "");
    create_product(R"({"title":"Draft shirt","skus":[{"price":100}]})");

    const Reply list = shopper().get("/api/v1/products?category_id=" + category + "&q=SHIRT");
    EXPECT_EQ(list.status, 200);
    EXPECT_EQ(list.integer("/data/total"), 1);
    EXPECT_EQ(list.integer("/data/page"), 1);
    EXPECT_EQ(list.integer("/data/page_size"), 20);
    EXPECT_EQ(list.text("/data/list/0/id"), id);
    EXPECT_EQ(list.text("/data/list/0/in_stock"), "true");
    EXPECT_EQ(list.text("/data/list/0/image"), "null");
    EXPECT_EQ(list.integer("/data/list/0/price_min"), 4900);
    EXPECT_FALSE(list.has("/data/list/0/status"));
    EXPECT_EQ(shopper().get("/api/v1/products").integer("/data/total"), 1);
    EXPECT_EQ(shopper().get("/api/v1/products?q=%E7%89%9B%E4%BB%94").integer("/data/total"), 0);

    EXPECT_EQ(staff().get(kProducts).integer("/data/total"), 2);
    EXPECT_EQ(staff().get(kProducts + "?status=draft").text("/data/list/0/status"), "draft");
    EXPECT_EQ(staff().get(kProducts + "?q=shirt&sort=updated").integer("/data/total"), 2);
    EXPECT_EQ(staff().get(kProducts + "?sku=SH-S").text("/data/list/0/id"), id);
    EXPECT_EQ(staff().get(kProducts + "?sku=SH").integer("/data/total"), 0);
}

TEST_P(CatalogRoutes, refuse_bad_queries_of_a_listing) {
    for (const char* bad :
         {"page=0",
          "page=x",
          "page=99999999999999999999",
          "page_size=0",
          "page_size=101",
          "sort=cheapest",
          "sort=relevance",
          "sort=updated",
          "category_id=-1",
          "category_id=abc",
          "min_price=-1",
          "max_price=1e9",
          "in_stock=maybe"}) {
        EXPECT_EQ(shopper().get(std::string{"/api/v1/products?"} + bad).status, 422) << bad;
    }
    EXPECT_EQ(shopper().get("/api/v1/products?q=" + std::string(101, 'x')).status, 422);
    for (const char* fine :
         {"q=", "q=%25", "category_id=99", "page=1000", "unknown=1", "sort=newest"}) {
        EXPECT_EQ(shopper().get(std::string{"/api/v1/products?"} + fine).status, 200) << fine;
    }
    EXPECT_EQ(staff().get(kProducts + "?status=gone").status, 422);
}

TEST_P(CatalogRoutes, manage_the_category_tree) {
    const std::string home = create_category(R"({"name":"家居"})");
    const std::string bed = create_category(R"({"name":"床品","parent_id":")" + home + R"("})");
    const std::string garden = create_category(R"({"name":"Garden","hidden":true})");
    EXPECT_EQ(staff().post(kCategories, R"({"name":"家居"})").error(), "category_name_taken");
    EXPECT_EQ(staff().post(kCategories, R"({"name":"x","parent_id":"99"})").status, 422);
    for (const char* bad :
         {"{}", R"({"name":""})", R"({"name":5})", R"({"name":"x","hidden":1})"}) {
        EXPECT_EQ(staff().post(kCategories, bad).status, 422) << bad;
    }

    const Reply all = staff().get(kCategories);
    EXPECT_EQ(all.size("/data/list"), 2u);
    EXPECT_EQ(all.text("/data/list/0/children/0/parent_id"), home);
    EXPECT_EQ(all.text("/data/list/1/hidden"), "true");
    EXPECT_EQ(shopper().get("/api/v1/categories").size("/data/list"), 1u);

    EXPECT_EQ(staff().patch(kCategories + "/" + garden, R"({"hidden":false})").status, 200);
    EXPECT_EQ(shopper().get("/api/v1/categories").size("/data/list"), 2u);
    const auto move = [&](const std::string& id, const std::string& body) {
        return staff().put(kCategories + "/" + id + "/position", body);
    };
    EXPECT_EQ(move(garden, R"({"position":0})").integer("/data/position"), 0);
    EXPECT_EQ(shopper().get("/api/v1/categories").text("/data/list/0/name"), "Garden");
    EXPECT_EQ(move(home, R"({"parent_id":")" + bed + R"("})").error(), "category_circle");
    EXPECT_EQ(move(bed, R"({"position":-1})").status, 422);
    EXPECT_EQ(move("99", "{}").status, 404);
    EXPECT_EQ(staff().del(kCategories + "/" + home).error(), "category_not_empty");
    EXPECT_EQ(staff().del(kCategories + "/" + bed).status, 200);
    EXPECT_EQ(staff().del(kCategories + "/" + bed).status, 404);
    EXPECT_EQ(audited("category.created"), 3);
    EXPECT_EQ(audited("category.changed"), 1);
    EXPECT_EQ(audited("category.moved"), 1);
    EXPECT_EQ(audited("category.deleted"), 1);
}

TEST_P(CatalogRoutes, take_pictures_and_serve_them_for_good) {
    const std::string bytes = test::png(30, 20);
    test::RouteClient uploader = staff();
    uploader.content_type = "image/PNG; charset=binary";
    const Reply uploaded = uploader.post(kMedia, bytes);
    ASSERT_EQ(uploaded.status, 201) << uploaded.body;
    const std::string url = uploaded.text("/data/url");
    EXPECT_TRUE(url.starts_with("/media/") && url.ends_with(".png")) << url;
    EXPECT_EQ(uploader.post(kMedia, bytes).text("/data/id"), uploaded.text("/data/id"));

    for (int i = 0; i < 2; ++i) {
        http::Request request;
        request.path = url;
        const http::Response served = test::run(world_.router.dispatch(request));
        ASSERT_NE(served.document, nullptr);
        EXPECT_EQ(served.document->body, bytes);
        EXPECT_EQ(served.document->content_type, "image/png");
        EXPECT_EQ(served.document->cache_control, "public, max-age=31536000, immutable");
    }
    for (const char* missing : {"/media/x.png", "/media/..%2f..%2fetc%2fpasswd", "/media/"}) {
        EXPECT_EQ(shopper().get(missing).status, 404) << missing;
    }
    EXPECT_EQ(shopper().get("/media/" + std::string(64, 'a') + ".png").error(), "media_not_found");
    EXPECT_EQ(audited("media.added"), 2);

    const std::string id = create_product(
        R"({"title":"Mug","skus":[{"price":1}],"images":[{"id":")" + uploaded.text("/data/id") +
        R"(","alt":"a \"mug\""}]})"
    );
    EXPECT_EQ(staff().get(kProducts + "/" + id).text("/data/images/0/url"), url);
    EXPECT_EQ(staff().get(kProducts).text("/data/list/0/image"), url);
}

TEST_P(CatalogRoutes, refuse_what_is_no_picture) {
    const auto upload = [&](const std::string& type, const std::string& bytes) {
        test::RouteClient uploader = staff();
        uploader.content_type = type;
        return uploader.post(kMedia, bytes).status;
    };
    EXPECT_EQ(upload("image/jpeg", test::png(3, 2)), 415);
    EXPECT_EQ(upload("image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), 415);
    EXPECT_EQ(upload("image/png", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), 415);
    EXPECT_EQ(upload("text/html", "<script>"), 415);
    EXPECT_EQ(upload("image/png", test::png(20'000, 1)), 422);
    EXPECT_EQ(upload("image/png", test::png(3, 2).substr(0, 40)), 422);
    EXPECT_EQ(upload("application/octet-stream", test::png(3, 2)), 415);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM media"), 0);
}

TEST_P(CatalogRoutes, take_addresses_of_pictures_elsewhere) {
    const Reply added = staff().post(kMedia, R"({"url":"https://example.com/a.jpg"})");
    EXPECT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.text("/data/url"), "https://example.com/a.jpg");
    EXPECT_EQ(
        staff().post(kMedia, R"({"url":"https://example.com/a.jpg"})").text("/data/id"),
        added.text("/data/id")
    );
    for (const char* bad : {"{}", R"({"url":""})", R"({"url":"javascript:x"})", R"({"url":5})"}) {
        const Reply reply = staff().post(kMedia, bad);
        EXPECT_EQ(reply.status, 422) << bad;
        EXPECT_TRUE(reply.blames("url")) << bad;
    }
}

}  // namespace
}  // namespace doorbuster::catalog
