import { LabIcon } from '@jupyterlab/ui-components';
import blockedSvg from '../../style/icons/blocked.svg';
import checkSvg from '../../style/icons/check.svg';
import chevronSvg from '../../style/icons/chevron.svg';
import doneSvg from '../../style/icons/done.svg';
import failedSvg from '../../style/icons/failed.svg';
import nextSvg from '../../style/icons/next.svg';
import readySvg from '../../style/icons/ready.svg';
import runningSvg from '../../style/icons/running.svg';
import unknownSvg from '../../style/icons/unknown.svg';
import warnSvg from '../../style/icons/warn.svg';

function icon(name: string, svgstr: string): LabIcon {
  return new LabIcon({ name: `jupyter-monai-workshop:${name}`, svgstr });
}

/** The shapes of the panel; their colour comes from the text around them. */
export const icons = {
  blocked: icon('blocked', blockedSvg),
  check: icon('check', checkSvg),
  chevron: icon('chevron', chevronSvg),
  done: icon('done', doneSvg),
  failed: icon('failed', failedSvg),
  next: icon('next', nextSvg),
  ready: icon('ready', readySvg),
  running: icon('running', runningSvg),
  unknown: icon('unknown', unknownSvg),
  warn: icon('warn', warnSvg)
} as const;

/** The name of a shape. */
export type IconName = keyof typeof icons;
