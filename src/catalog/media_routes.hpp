#pragma once

#include "catalog/catalog_deps.hpp"
#include "http/route.hpp"

namespace doorbuster::catalog {

// GET /media/{name} for everyone, and the upload for staff with the right catalog.
http::Routes media_routes(CatalogDeps& deps);

}  // namespace doorbuster::catalog
