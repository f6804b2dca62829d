-- Pages of users and aliases of one domain are read in the order of their addresses.

CREATE INDEX users_by_place ON users (domain, address);
CREATE INDEX aliases_by_place ON aliases (domain, address);
DROP INDEX users_by_domain;
DROP INDEX aliases_by_domain;
