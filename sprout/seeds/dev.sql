-- What a development database of Sprout begins with: the default user, and one small branch.
-- It can be run again and again; rows that are there stay as they are.

INSERT INTO users (id, email, title) VALUES
  ('00000000-0000-0000-0000-000000000000', 'default@sprout.local', 'Default Learner')
ON CONFLICT DO NOTHING;

INSERT INTO branches (id, title, user_id) VALUES
  ('10000000-0000-4000-8000-000000000001', 'How plants grow', '00000000-0000-0000-0000-000000000000')
ON CONFLICT DO NOTHING;

INSERT INTO nodes (id, user_id, type, branch_id, parent_id, title, "desc") VALUES
  ('20000000-0000-4000-8000-000000000001', '00000000-0000-0000-0000-000000000000', 'root',
   '10000000-0000-4000-8000-000000000001', NULL, 'How plants grow', NULL),
  ('20000000-0000-4000-8000-000000000002', '00000000-0000-0000-0000-000000000000', 'concept',
   '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'Germination',
   'From a seed to the first leaves.'),
  ('20000000-0000-4000-8000-000000000003', '00000000-0000-0000-0000-000000000000', 'concept',
   '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'Photosynthesis',
   'Sugar from light, water and air.')
ON CONFLICT DO NOTHING;

INSERT INTO node_edges (id, source_node_id, target_node_id) VALUES
  ('30000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000002',
   '20000000-0000-4000-8000-000000000003')
ON CONFLICT DO NOTHING;
