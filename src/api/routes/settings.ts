import { Settings, type SettingsStore } from '#control/settings.ts';
import { actorOf } from '../actor.ts';
import { defineRoute, type AnyRoute } from '../route.ts';

const tag = 'Configuration';

/** How this server is set up. */
export function settingsRoutes(settings: SettingsStore): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/configuration/settings',
      permission: 'configuration:read',
      operationId: 'getSettings',
      tag,
      summary: 'The settings',
      responses: { 200: Settings },
      handle: async () => {
        const { revision, value } = await settings.get();
        return { status: 200, body: value, revision };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/configuration/settings',
      permission: 'configuration:write',
      operationId: 'putSettings',
      tag,
      summary: 'Puts other settings in place',
      body: Settings,
      needsIfMatch: true,
      responses: { 200: Settings },
      handle: async (asked) => {
        const { revision, value } = await settings.put(asked.body, asked.ifMatch!, actorOf(asked));
        return { status: 200, body: value, revision };
      },
    }),
  ];
}
