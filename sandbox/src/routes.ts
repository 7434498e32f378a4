import { activities } from './resources/activities.ts'
import { routesOf } from './resources/crud.ts'
import { dealProductBulkRoutes, dealProducts, productsOfDeals } from './resources/deal-products.ts'
import { archivedDeals, deals } from './resources/deals.ts'
import { discounts } from './resources/discounts.ts'
import { fieldRoutes } from './resources/fields.ts'
import { installments, installmentsOfDeals } from './resources/installments.ts'
import { duplicateProductRoutes, variations } from './resources/variations.ts'
import { organizations } from './resources/organizations.ts'
import { persons } from './resources/persons.ts'
import { pipelines, stages } from './resources/pipelines.ts'
import { changelogRoutes } from './resources/changelog.ts'
import { conversionRoutes } from './resources/conversions.ts'
import { followerRoutesOf, usersFollowers } from './resources/followers.ts'
import { itemSearchRoutes } from './resources/item-search.ts'
import { leadLabels, leadSourceRoutes } from './resources/lead-labels.ts'
import { archivedLeads, leads } from './resources/leads.ts'
import { mergeRoutes } from './resources/merge.ts'
import { notes } from './resources/notes.ts'
import { participantRoutes } from './resources/participants.ts'
import { permittedUsersOf } from './resources/permitted-users.ts'
import { recentsRoutes } from './resources/recents.ts'
import { searchRoutes } from './resources/search.ts'
import { products } from './resources/products.ts'
import type { Route } from './resources/route.ts'
import { companyRoutes } from './resources/v1-company.ts'
import { v1Routes } from './resources/v1-users.ts'
import { webhookRoutes } from './webhooks/webhook-routes.ts'

/** All supported endpoints with their prices. A fixed path comes before the `/:id` that would match it too. */
export const routes: readonly Route[] = [
  ...searchRoutes,
  ...itemSearchRoutes,
  ...followerRoutesOf(deals),
  ...followerRoutesOf(persons),
  ...followerRoutesOf(organizations),
  ...followerRoutesOf(products),
  usersFollowers,
  ...conversionRoutes,
  ...routesOf(archivedDeals),
  ...routesOf(productsOfDeals),
  ...routesOf(dealProducts),
  ...dealProductBulkRoutes,
  ...routesOf(discounts),
  ...routesOf(installmentsOfDeals),
  ...routesOf(installments),
  ...routesOf(deals),
  ...routesOf(activities),
  ...routesOf(stages),
  ...routesOf(pipelines),
  ...routesOf(persons),
  ...routesOf(organizations),
  ...routesOf(variations),
  ...duplicateProductRoutes,
  ...routesOf(products),
  ...fieldRoutes,
  ...companyRoutes,
  ...v1Routes,
  ...webhookRoutes,
  ...routesOf(notes),
  ...routesOf(archivedLeads),
  ...routesOf(leads),
  ...routesOf(leadLabels),
  ...leadSourceRoutes,
  ...participantRoutes,
  ...permittedUsersOf(deals),
  ...permittedUsersOf(persons),
  ...permittedUsersOf(organizations),
  ...permittedUsersOf(products),
  ...permittedUsersOf(leads),
  ...mergeRoutes,
  ...recentsRoutes,
  ...changelogRoutes,
]
