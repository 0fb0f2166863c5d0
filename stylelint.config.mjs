export default {
  extends: ['stylelint-config-standard'],
  rules: {
    // Class names follow JupyterLab: jp-Name-part.
    'selector-class-pattern': '^(jp|jupyter)-[A-Za-z0-9-]+$',
    'no-descending-specificity': null,
    'declaration-no-important': null
  }
};
