import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

/**
 * Show the settings in JupyterLab's language.
 *
 * The server translates schemas with what language packs hold, which is not where an
 * extension's own translations are; so the page does it.
 *
 * @param settings - The settings of JupyterLab.
 * @param plugin - The plugin whose schema declares `jupyter.lab.transform`.
 * @param trans - The language of its words.
 */
export function translateSettings(
  settings: ISettingRegistry,
  plugin: string,
  trans: TranslationBundle
): IDisposable {
  return settings.transform(plugin, {
    fetch: read => ({ ...read, schema: translated(read.schema, trans) })
  });
}

/** The same schema with its words in another language. */
export function translated(
  schema: ISettingRegistry.ISchema,
  trans: TranslationBundle
): ISettingRegistry.ISchema {
  const { title, description, properties } = schema;
  const label = schema['jupyter.lab.setting-icon-label'];
  return {
    ...schema,
    ...(title && { title: trans.pgettext('schema', title) }),
    ...(description && { description: trans.pgettext('schema', description) }),
    ...(label && {
      'jupyter.lab.setting-icon-label': trans.pgettext('settings', label)
    }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [
          name,
          translatedProperty(property, trans)
        ])
      )
    })
  };
}

function translatedProperty(
  property: ISettingRegistry.IProperty,
  trans: TranslationBundle
): ISettingRegistry.IProperty {
  const { title, description } = property;
  return {
    ...property,
    ...(title && { title: trans.pgettext('settings', title) }),
    ...(description && { description: trans.pgettext('settings', description) })
  };
}
