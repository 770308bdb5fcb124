//! SQL of giving tickets out, in a file each: policies and agents, absences, tickets that wait and what comes first.
mod absences;
mod agents;
mod waiting;

pub use absences::{
    PassRow, absence, absences_at, absences_of, delete_absence, end_absence, held_by_absent, insert_absence,
    insert_pass, passes,
};
pub use agents::{
    AgentLine, UnitLine, agent, agent_lines, free_counts, held, levels, lock_agent, note_given, policies, ready_agents,
    requirements, save_agent, save_policy, set_ready, unit_lines, working,
};
pub use waiting::{
    FreeRow, PriorityRow, category_priorities, free, of_categories, of_persons, of_tickets, priority_of, put_priority,
    seize,
};
