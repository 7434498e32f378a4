import type { Walk } from '../walker.ts'

export const search: Walk = async (ask) => {
  await ask('GET', '/api/v2/deals/search', { query: { term: 'con', fields: 'title,notes', include_fields: 'deal.cc_email', limit: '2' } })
  await ask('GET', '/api/v2/deals/search', { query: { term: 'oak', fields: 'notes', status: 'open' } })
  await ask('GET', '/api/v2/persons/search', { query: { term: 'an', fields: 'name,email,phone', include_fields: 'person.picture' } })
  await ask('GET', '/api/v2/organizations/search', { query: { term: 'st', fields: 'name,address', limit: '3' } })
  await ask('GET', '/api/v2/products/search', { query: { term: 'la', fields: 'name,code', include_fields: 'product.price' } })
  await ask('GET', '/api/v2/leads/search', { query: { term: 'desks', fields: 'title', include_fields: 'lead.was_seen' } })
  await ask('GET', '/api/v2/itemSearch', {
    query: {
      term: 'an',
      item_types: 'deal,person,organization,product,lead',
      search_for_related_items: 'true',
      include_fields: 'deal.cc_email,person.picture,product.price',
    },
  })
  await ask('GET', '/api/v2/itemSearch/field', { query: { term: 'con', entity_type: 'deal', field: 'title', match: 'middle', limit: '3' } })
}
