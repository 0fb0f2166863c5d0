import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import {
  type ITranslatorConnector,
  TranslationManager
} from '@jupyterlab/translation';
import schema from '../../schema/plugin.json';
import { asItComes, serverWords } from '../lab/serverWords';
import { translated } from '../lab/settings';
import { DOMAIN } from '../tokens';
import { curve, snapshot, type step, training, withStep } from './fixtures';
import { click, host, one, row, show, speak } from './harness';

const german = new TranslationManager('', undefined, undefined, {
  fetch: () =>
    Promise.resolve({ data: { [DOMAIN]: translation() }, message: '' })
} as unknown as ITranslatorConnector);

function translation(): unknown {
  const file = `jupyter_monai_workshop/locale/de_DE/LC_MESSAGES/${DOMAIN}.json`;
  return JSON.parse(readFileSync(join(process.cwd(), file), 'utf8'));
}

beforeAll(async () => {
  await german.fetch('de_DE');
  speak(german);
});

it('words are German, and so are numbers, durations and moments', async () => {
  const given = withStep(
    snapshot({
      usage: {
        processor: 'cpu',
        name: 'CPU',
        busy: 0.93,
        memory_used: 1.5 * 1024 ** 3,
        memory_total: 16 * 1024 ** 3
      }
    }),
    'train',
    {
      state: 'running',
      elapsed: 125,
      training: training({
        step: 1234,
        steps: 5000,
        epoch: 1,
        epochs: 2,
        pace: 0.4,
        curves: [curve([1.7, 1.2, 0.512])]
      })
    }
  );
  await show(given);
  const text = row('classify', 'train').textContent;
  expect(text).toContain('bisher 2 Min. 5 Sek.');
  expect(text).toContain('Epoche 1/2 · Schritt 1.234/5.000 · 2,5 s/Schritt');
  expect(one('[data-curve] [role="img"]').getAttribute('aria-label')).toBe(
    'Loss je Schritt: 0,512 nach Schritt 3, gefallen von 1,700.'
  );
  const figures = [...host.querySelectorAll('.jp-MonaiWorkshop-figure')];
  expect(figures.map(each => each.textContent)).toEqual([
    expect.stringMatching(/^93\s%$/),
    '1,5 GiB'
  ]);
});

it('a moment is told the German way', async () => {
  await show(snapshot());
  await click('.jp-mod-machine > button');
  expect(one('.jp-mod-machine').textContent).toMatch(/01\.11\.2026, \d\d:00/);
});

it('one and many differ', async () => {
  const exercise = { id: 'a', open: true, solved: false, hint: '' };
  const given = (count: number) =>
    withStep(snapshot(), 'data', {
      exercises: Array.from({ length: count }, (_, n) => ({
        ...exercise,
        id: `${n}`
      })) as unknown as ReturnType<typeof step>['exercises']
    });
  await show(given(2));
  expect(one('[data-part="exercise"]').textContent).toContain(
    'Jetzt sind Sie dran: 2 Übungen'
  );
});

it('the settings are German too', () => {
  const { title, properties } = translated(
    schema as unknown as ISettingRegistry.ISchema,
    german.load(DOMAIN)
  );
  expect(title).toBe('MONAI-Workshop');
  expect(properties?.openOnStart).toEqual({
    ...schema.properties.openOnStart,
    title: 'Beim Start öffnen',
    description:
      'Ob die Ansicht des Workshops gezeigt wird, wenn JupyterLab startet.'
  });
});

it('what the server says is German, and what an author wrote is not', async () => {
  const reword = await serverWords(german);
  expect(
    reword({ title: 'The disk is full.', message: 'The disk is full.' })
  ).toEqual({
    title: 'The disk is full.',
    message: 'Die Festplatte ist voll.'
  });
  expect(await serverWords(new TranslationManager())).toBe(asItComes);
});
