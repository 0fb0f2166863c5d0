import './base.css';
import './machine.css';
import './controls.css';
import './sections.css';
import './notices.css';
import './run.css';
