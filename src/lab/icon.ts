import { LabIcon } from '@jupyterlab/ui-components';
import workshopSvg from '../../style/icons/workshop.svg';

/** The sign of the extension: in the side bar, the launcher and the palette. */
export const workshopIcon = new LabIcon({
  name: 'jupyter-monai-workshop:workshop',
  svgstr: workshopSvg
});
