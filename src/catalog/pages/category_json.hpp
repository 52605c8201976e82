#pragma once

#include <boost/json/fwd.hpp>

#include "catalog/model/category.hpp"

namespace doorbuster::catalog {

// {"list":[{"id","name","children":[…]}, …]} without hidden subtrees.
boost::json::value public_tree_json(const CategoryTree& tree);
// The same of all categories, with "parent_id", "position" and "hidden".
boost::json::value admin_tree_json(const CategoryTree& tree);
boost::json::value category_json(const Category& category);

}  // namespace doorbuster::catalog
