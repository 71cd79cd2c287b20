-- When the tax portal's credentials of a company were stored: they live 90 days. No secret is here.
create table portal_credentials (
    company     text   not null primary key, -- tax id of the company
    tax_code    text   not null,            -- CodiceFiscale of whoever's credentials they are
    changed_on  text   not null,            -- day on which they were changed at the tax portal
    recorded_at text   not null             -- instant at which this was written
);
