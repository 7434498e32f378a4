import { activities } from './resources/activities.ts'
import { organizations, persons } from './resources/contacts.ts'
import { routesOf } from './resources/crud.ts'
import { dealFieldRoutes } from './resources/deal-fields.ts'
import { archivedDeals, deals } from './resources/deals.ts'
import { pipelines, stages } from './resources/pipelines.ts'
import type { Route } from './resources/route.ts'
import { v1Routes } from './resources/v1-routes.ts'

/** Everything that is served, with its price. Fixed paths stand before the `/:id` that would swallow them. */
export const routes: readonly Route[] = [
  ...routesOf(archivedDeals),
  ...routesOf(deals),
  ...routesOf(activities),
  ...routesOf(stages),
  ...routesOf(pipelines),
  ...routesOf(persons),
  ...routesOf(organizations),
  ...dealFieldRoutes,
  ...v1Routes,
]
