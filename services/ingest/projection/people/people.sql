-- name: lock_contacts
-- The contacts of these identifiers, locked in key order, so that what is linked here is seen by no other batch half done.
SELECT i.identifier, c.account_id, c.contact_id, c.name, c.email, c.phone, c.company_id, c.tax_id, c.birth_date, c.locale,
       c.timezone, c.address, c.attributes, c.versions, c.search
  FROM unnest($1::integer[], $2::text[]) AS named (account_id, identifier)
  JOIN contact_identifier i ON i.account_id = named.account_id AND i.identifier = named.identifier
  JOIN contact c ON c.account_id = i.account_id AND c.contact_id = i.contact_id
 ORDER BY c.account_id, c.contact_id
   FOR UPDATE OF c;

-- name: reserve_identifiers
-- Takes identifiers nobody had; waits for another batch that is taking the same. What is not returned was taken.
INSERT INTO contact_identifier (account_id, identifier, kind, value, contact_id)
SELECT account_id, identifier, kind, value, contact_id
  FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::uuid[])
       AS new (account_id, identifier, kind, value, contact_id)
 ORDER BY account_id, identifier
    ON CONFLICT DO NOTHING
RETURNING account_id, identifier;

-- name: list_identifiers
-- Every identifier of these contacts.
SELECT i.account_id, i.contact_id, i.identifier, i.kind, i.value
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, contact_id)
 CROSS JOIN LATERAL (SELECT * FROM contact_identifier i
                      WHERE i.account_id = wanted.account_id AND i.contact_id = wanted.contact_id OFFSET 0) i;

-- name: move_identifiers
-- Gives identifiers to the contact that merging left.
UPDATE contact_identifier i
   SET contact_id = moved.contact_id
  FROM unnest($1::integer[], $2::text[], $3::uuid[]) AS moved (account_id, identifier, contact_id)
 WHERE i.account_id = moved.account_id AND i.identifier = moved.identifier AND i.contact_id <> moved.contact_id;

-- name: move_conversations
-- Gives the conversations of merged contacts to the contact that is left.
UPDATE conversation c
   SET contact_id = moved.contact_id
  FROM unnest($1::integer[], $2::uuid[], $3::uuid[]) AS moved (account_id, former_id, contact_id)
 WHERE c.account_id = moved.account_id AND c.contact_id = moved.former_id;

-- name: remove_contacts
-- Merged contacts are gone; whoever waits for their lock finds no row and looks again.
DELETE FROM contact c
 USING unnest($1::integer[], $2::uuid[]) AS gone (account_id, contact_id)
 WHERE c.account_id = gone.account_id AND c.contact_id = gone.contact_id;

-- name: write_contacts
-- Contacts as they are now.
INSERT INTO contact AS c (account_id, contact_id, name, email, phone, company_id, tax_id, birth_date, locale, timezone,
                          address, attributes, versions, search)
SELECT account_id, contact_id, name, email, phone, company_id, tax_id, birth_date, locale, timezone,
       address, attributes, versions, search
  FROM unnest($1::integer[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::text[], $11::jsonb[], $12::jsonb[], $13::jsonb[], $14::text[])
       AS now (account_id, contact_id, name, email, phone, company_id, tax_id, birth_date, locale, timezone,
               address, attributes, versions, search)
    ON CONFLICT (account_id, contact_id) DO UPDATE
   SET name = excluded.name, email = excluded.email, phone = excluded.phone, company_id = excluded.company_id,
       tax_id = excluded.tax_id, birth_date = excluded.birth_date, locale = excluded.locale,
       timezone = excluded.timezone, address = excluded.address, attributes = excluded.attributes,
       versions = excluded.versions, search = excluded.search;
